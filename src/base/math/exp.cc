#include "base/math/exp.h"

#include <bit>
#include <cstdint>
#include <limits>

#include "base/math/round.h"

namespace narrowcast::math {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kLog2E = 0x1.71547652b82fep+0;
// ln 2 in two parts; the first has 32 bits, so that a multiple of it by an exponent is exact.
constexpr double kLn2Hi = 0x1.62e42fee00000p-1;
constexpr double kLn2Lo = 0x1.a39ef35793c76p-33;

double power_of_two(int k) { return std::bit_cast<double>(static_cast<uint64_t>(k + 1023) << 52); }

// y * 2^k for y around 1; a subnormal result is rounded once.
double scale(double y, int k) {
  if (k > 1023) return y * 0x1p1023 * power_of_two(k - 1023);
  if (k < -1021) return y * power_of_two(k + 200) * 0x1p-200;
  return y * power_of_two(k);
}

// 1/2 + r/6 + r^2/24 + ...: the Taylor series of (exp(r) - 1 - r) / r^2, to r^12; |r| <= 0.35.
double tail(double r) {
  constexpr double kTerms[] = {1.0 / 2,         1.0 / 6,          1.0 / 24,         1.0 / 120,     1.0 / 720,
                               1.0 / 5040,      1.0 / 40320,      1.0 / 362880,     1.0 / 3628800, 1.0 / 39916800,
                               1.0 / 479001600, 1.0 / 6227020800, 1.0 / 87178291200};
  double sum = 0;
  for (int i = 12; i >= 0; --i) sum = sum * r + kTerms[i];
  return sum;
}

struct Reduced {
  int exponent;
  double r, r_lo;  // the argument = exponent * ln 2 + r + r_lo, |r| <= ln 2 / 2
};

Reduced reduce(double hi, double lo) {
  const double k = round_half_even(hi * kLog2E);
  const double coarse = hi - k * kLn2Hi;
  const double fine = k * kLn2Lo - lo;
  const double r = coarse - fine;
  return {static_cast<int>(k), r, (coarse - r) - fine};
}

}  // namespace

double exp_double_double(double hi, double lo) {
  if (hi != hi) return hi;
  if (hi > 710) return kInf;
  if (hi < -746) return 0;
  const Reduced at = reduce(hi, lo);
  return scale(1.0 + (at.r + (at.r_lo + at.r * at.r * tail(at.r))), at.exponent);
}

double exp(double x) { return exp_double_double(x, 0); }

double expm1(double x) {
  if (x == 0 || x != x) return x;
  if (x > 45) return exp(x);  // the 1 is below half an ulp
  if (x < -45) return -1;
  if (x > -0.34 && x < 0.34) return x + x * x * tail(x);
  const Reduced at = reduce(x, 0);
  const double less_one = at.r + (at.r_lo + at.r * at.r * tail(at.r));
  const double power = power_of_two(at.exponent);
  return power * less_one + (power - 1.0);
}

double tanh(double x) {
  const double magnitude = x < 0 ? -x : x;
  if (!(magnitude > 0x1p-28)) return x;  // also NaN and both zeros
  if (magnitude > 22) return x < 0 ? -1.0 : 1.0;
  const double t = expm1(2 * magnitude);
  const double result = t / (t + 2.0);
  return x < 0 ? -result : result;
}

double sigmoid(double x) {
  if (x >= 0) return 1.0 / (1.0 + exp(-x));
  const double e = exp(x);
  return e / (1.0 + e);
}

}  // namespace narrowcast::math
