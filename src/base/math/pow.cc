#include "base/math/pow.h"

#include <bit>
#include <cstdint>
#include <limits>

#include "base/math/exp.h"
#include "base/math/log.h"
#include "base/math/round.h"

namespace narrowcast::math {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

double magnitude(double x) { return std::bit_cast<double>(std::bit_cast<uint64_t>(x) & 0x7FFFFFFFFFFFFFFFu); }

bool is_integer(double y) { return round_half_even(y) == y && magnitude(y) < kInf; }

bool is_odd(double y) { return is_integer(y) && !is_integer(y * 0.5); }

// a > 0, finite or infinite or 0; y finite or infinite, not 0.
double pow_positive(double a, double y) {
  if (a == 1) return 1;
  const bool grows = (a > 1) == (y > 0);
  // |log a| >= 2^-54, so such a y leaves float64's range.
  if (a == 0 || a == kInf || magnitude(y) >= 0x1p65) return grows ? kInf : 0;
  const DoubleDouble exponent = multiply(log_double_double(a), {y, 0});
  return exp_double_double(exponent.hi, exponent.lo);
}

}  // namespace

double pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (x != x || y != y) return std::numeric_limits<double>::quiet_NaN();
  const bool negative = std::bit_cast<uint64_t>(x) >> 63 != 0;
  if (!negative) return pow_positive(x, y);
  if (x < 0 && x > -kInf && magnitude(y) < kInf && !is_integer(y)) return std::numeric_limits<double>::quiet_NaN();
  const double result = pow_positive(magnitude(x), y);
  return is_odd(y) ? -result : result;
}

}  // namespace narrowcast::math
