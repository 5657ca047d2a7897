#include "base/math/hyperbolic.h"

#include <bit>
#include <cstdint>
#include <limits>

#include "base/math/exp.h"
#include "base/math/log.h"
#include "base/math/sqrt.h"

namespace narrowcast::math {
namespace {

constexpr double kLn2 = 0x1.62e42fefa39efp-1;
constexpr double kTiny = 0x1p-28;  // below, x^3 is lost beside x
constexpr double kLarge = 0x1p28;  // above, 1 is lost beside x^2
constexpr double kAlone = 22;      // above, e^-x is lost beside e^x

double magnitude(double x) { return std::bit_cast<double>(std::bit_cast<uint64_t>(x) & 0x7FFFFFFFFFFFFFFFu); }
double with_sign(double a, double of) {
  return std::bit_cast<double>(std::bit_cast<uint64_t>(a) | (std::bit_cast<uint64_t>(of) & 0x8000000000000000u));
}

// e^a / 2 for a >= 22, also where e^a overflows but its half does not.
double half_exp(double a) {
  if (a < 709) return 0.5 * exp(a);
  const double root = exp(0.5 * a);
  return 0.5 * root * root;
}

}  // namespace

double sinh(double x) {
  const double a = magnitude(x);
  if (!(a >= kTiny)) return x;
  if (a > kAlone) return with_sign(half_exp(a), x);
  const double t = expm1(a);
  return with_sign(0.5 * (t + t / (t + 1.0)), x);
}

double cosh(double x) {
  const double a = magnitude(x);
  if (a > kAlone) return half_exp(a);
  const double e = exp(a);
  return 0.5 * e + 0.5 / e;
}

double asinh(double x) {
  const double a = magnitude(x);
  if (!(a >= kTiny)) return x;
  if (a > kLarge) return with_sign(log(a) + kLn2, x);
  const double root = sqrt(a * a + 1.0);
  if (a > 2) return with_sign(log(2 * a + 1.0 / (root + a)), x);
  return with_sign(log1p(a + a * a / (1.0 + root)), x);
}

double acosh(double x) {
  if (!(x >= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (x > kLarge) return log(x) + kLn2;
  if (x > 2) return log(2 * x - 1.0 / (x + sqrt(x * x - 1.0)));
  const double t = x - 1.0;
  return log1p(t + sqrt(2 * t + t * t));
}

double atanh(double x) {
  const double a = magnitude(x);
  if (a < kTiny) return x;
  if (!(a <= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (a < 0.5) return with_sign(0.5 * log1p(2 * a + 2 * a * a / (1.0 - a)), x);
  return with_sign(0.5 * log1p(2 * a / (1.0 - a)), x);
}

}  // namespace narrowcast::math
