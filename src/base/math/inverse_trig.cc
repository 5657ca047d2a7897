#include "base/math/inverse_trig.h"

#include <bit>
#include <cstdint>
#include <limits>

#include "base/math/double_double.h"
#include "base/math/round.h"
#include "base/math/sqrt.h"

namespace narrowcast::math {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

constexpr DoubleDouble kPi{0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};
constexpr DoubleDouble kHalfPi{0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};

// atan(k / 8).
constexpr DoubleDouble kAtan[] = {
    {0, 0},
    {0x1.fd5ba9aac2f6ep-4, -0x1.cd37686760c17p-59},
    {0x1.f5b75f92c80ddp-3, 0x1.8ab6e3cf7afbdp-57},
    {0x1.6f61941e4def1p-2, -0x1.c63aae6f6e918p-56},
    {0x1.dac670561bb4fp-2, 0x1.a2b7f222f65e2p-56},
    {0x1.1e00babdefeb4p-1, -0x1.928df287a668fp-58},
    {0x1.4978fa3269ee1p-1, 0x1.2419a87f2a458p-56},
    {0x1.700a7c5784634p-1, -0x1.8c34d25aadef6p-56},
    {0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55},
};

double magnitude(double x) { return std::bit_cast<double>(std::bit_cast<uint64_t>(x) & 0x7FFFFFFFFFFFFFFFu); }
bool negative(double x) { return std::bit_cast<uint64_t>(x) >> 63 != 0; }

// For 0 <= q <= 1: atan(q) = atan(f) + atan((q - f) / (1 + q f)), f the nearest k / 8; the rest is at most 1/16, its
// Taylor series goes to t^15.
DoubleDouble atan_to_1(double q) {
  constexpr double kTerms[] = {-1.0 / 3, 1.0 / 5, -1.0 / 7, 1.0 / 9, -1.0 / 11, 1.0 / 13, -1.0 / 15};
  const int k = static_cast<int>(round_half_even(q * 8));
  const double f = k * 0.125;
  const double t = (q - f) / (1.0 + q * f);
  const double z = t * t;
  double sum = 0;
  for (int i = 6; i >= 0; --i) sum = sum * z + kTerms[i];
  const double rest = t * z * sum;
  if (k == 0) return fast_two_sum(t, rest);
  return add({kAtan[k].hi, kAtan[k].lo}, fast_two_sum(t, rest));
}

}  // namespace

double atan2(double y, double x) {
  if (x != x || y != y) return std::numeric_limits<double>::quiet_NaN();
  double height = magnitude(y);
  double width = magnitude(x);
  if (height == kInf && width == kInf) height = width = 1;
  DoubleDouble angle;
  if (height > width) {
    const DoubleDouble rest = atan_to_1(width / height);
    angle = add(kHalfPi, negative(x) ? rest : DoubleDouble{-rest.hi, -rest.lo});
  } else {
    angle = height == 0 ? DoubleDouble{0, 0} : atan_to_1(height / width);
    if (negative(x)) angle = add(kPi, {-angle.hi, -angle.lo});
  }
  return negative(y) ? -angle.hi : angle.hi;
}

double atan(double x) { return magnitude(x) < 0x1p-28 ? x : atan2(x, 1.0); }

double asin(double x) { return magnitude(x) < 0x1p-28 ? x : atan2(x, sqrt((1.0 - x) * (1.0 + x))); }

double acos(double x) { return atan2(sqrt((1.0 - x) * (1.0 + x)), x); }

}  // namespace narrowcast::math
