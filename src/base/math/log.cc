#include "base/math/log.h"

#include <bit>
#include <cstdint>
#include <limits>

namespace narrowcast::math {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// ln 2 in two parts; the first has 32 bits, so that a multiple of it by an exponent is exact.
constexpr double kLn2Hi = 0x1.62e42fee00000p-1;
constexpr double kLn2Lo = 0x1.a39ef35793c76p-33;
constexpr DoubleDouble kThird{0x1.5555555555555p-2, 0x1.5555555555555p-56};
constexpr DoubleDouble kLog2E{0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56};
constexpr DoubleDouble kLog10E{0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57};

struct Reduced {
  double exponent;  // x = mantissa * 2^exponent
  double mantissa;  // [sqrt(1/2), sqrt(2))
};

Reduced reduce(double x) {
  double exponent = 0;
  if (x < 0x1p-1022) {  // subnormal
    x *= 0x1p54;
    exponent = -54;
  }
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  constexpr uint64_t kSqrtHalf = 0x3FE6A09E667F3BCDu;
  // The distance to sqrt(1/2) as patterns: its upper bits are the exponent, its lower ones the place within an octave.
  const uint64_t distance = bits - kSqrtHalf;
  exponent += static_cast<double>(static_cast<int64_t>(distance) >> 52);
  return {exponent, std::bit_cast<double>((distance & 0x000FFFFFFFFFFFFFu) + kSqrtHalf)};
}

// 1/5 + z/7 + z^2/9 + ...: the tail of the series atanh(s) = s + s^3/3 + s^5 (...), z = s^2 <= 0.0295.
double atanh_tail(double z) {
  constexpr double kTerms[] = {1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11, 1.0 / 13, 1.0 / 15,
                               1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23, 1.0 / 25};
  double sum = 0;
  for (int i = 10; i >= 0; --i) sum = sum * z + kTerms[i];
  return sum;
}

// log(m) = 2 atanh(s), s = f / (2 + f), f = m - 1 (exact): the first two terms in double-double.
DoubleDouble log_mantissa(double m) {
  const double f = m - 1.0;
  const DoubleDouble divisor = two_sum(2.0, f);
  const double s_hi = f / divisor.hi;
  const DoubleDouble back = two_product(s_hi, divisor.hi);
  const double s_lo = (((f - back.hi) - back.lo) - s_hi * divisor.lo) / divisor.hi;
  const DoubleDouble s = fast_two_sum(s_hi, s_lo);
  const DoubleDouble z = multiply(s, s);
  const DoubleDouble factor = add(kThird, {z.hi * atanh_tail(z.hi), 0});
  const DoubleDouble sum = add(s, multiply(s, multiply(z, factor)));
  return {2 * sum.hi, 2 * sum.lo};
}

// True, with `out` set, when x needs no computing.
bool special(double x, double& out) {
  if (x == 0) {
    out = -kInf;
  } else if (!(x > 0)) {
    out = kNan;
  } else if (x == kInf) {
    out = kInf;
  } else {
    return false;
  }
  return true;
}

}  // namespace

double quick_log(double x) {
  const Reduced r = reduce(x);
  const double s = (r.mantissa - 1.0) / (r.mantissa + 1.0);
  const double z = s * s;
  const double atanh = s + s * z * (1.0 / 3 + z * atanh_tail(z));
  return r.exponent * kLn2Hi + (2 * atanh + r.exponent * kLn2Lo);
}

DoubleDouble log_double_double(double x) {
  const Reduced r = reduce(x);
  const DoubleDouble fraction = log_mantissa(r.mantissa);
  return add(fast_two_sum(r.exponent * kLn2Hi, r.exponent * kLn2Lo), fraction);
}

double log(double x) {
  double value = 0;
  if (special(x, value)) return value;
  return log_double_double(x).hi;
}

double log2(double x) {
  double value = 0;
  if (special(x, value)) return value;
  const Reduced r = reduce(x);
  return add({r.exponent, 0}, multiply(log_mantissa(r.mantissa), kLog2E)).hi;
}

double log10(double x) {
  double value = 0;
  if (special(x, value)) return value;
  return multiply(log_double_double(x), kLog10E).hi;
}

// 1 + x = w + rest exactly, and log(w + rest) = log(w) + rest / w to within rest^2.
double log1p(double x) {
  const double magnitude = x < 0 ? -x : x;
  if (magnitude < 0x1p-54) return x;
  const DoubleDouble sum = two_sum(1.0, x);
  double value = 0;
  if (special(sum.hi, value)) return value;
  const DoubleDouble logarithm = log_double_double(sum.hi);
  return logarithm.hi + (logarithm.lo + sum.lo / sum.hi);
}

}  // namespace narrowcast::math
