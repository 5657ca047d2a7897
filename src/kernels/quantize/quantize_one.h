// One element of quantize.h: the formulas, written down once for the references and for the tails of the vector loops.
#pragma once

#include <cstdint>

#include "base/math/round.h"
#include "kernels/quantize/quantize.h"

namespace narrowcast::kernels {

constexpr int32_t clamp_code(int32_t q, CodeRange range) {
  return q < range.min ? range.min : q > range.max ? range.max : q;
}

// Beyond every code and zero point, and small enough for int32 sums: clamping to it first changes no result.
inline constexpr float kCodeBound = 0x1p20f;

constexpr int32_t code_half_even(float quotient, int32_t zero_point, CodeRange range) {
  const float whole = math::round_half_even(quotient);
  if (whole != whole) return clamp_code(zero_point, range);
  const float bounded = whole < -kCodeBound ? -kCodeBound : whole > kCodeBound ? kCodeBound : whole;
  return clamp_code(static_cast<int32_t>(bounded) + zero_point, range);
}

constexpr int32_t quantize_half_even(float x, float scale, int32_t zero_point, CodeRange range) {
  return code_half_even(x / scale, zero_point, range);
}

constexpr int32_t quantize_half_away(float x, double scale, int32_t zero_point, CodeRange range) {
  const double code = math::round_half_away(static_cast<double>(x) / scale + static_cast<double>(zero_point));
  if (code != code) return clamp_code(zero_point, range);
  if (code < static_cast<double>(range.min)) return range.min;
  if (code > static_cast<double>(range.max)) return range.max;
  return static_cast<int32_t>(code);
}

constexpr int32_t quantize_one(float x, double scale, int32_t zero_point, CodeSpec spec) {
  const auto scale32 = static_cast<float>(scale);
  switch (spec.rounding) {
    case Rounding::float32_half_even:
      return quantize_half_even(x, scale32, zero_point, spec.range);
    case Rounding::float32_reciprocal_half_even:
      return code_half_even(x * (1.0F / scale32), zero_point, spec.range);
    case Rounding::float64_half_away:
      break;
  }
  return quantize_half_away(x, scale, zero_point, spec.range);
}

}  // namespace narrowcast::kernels
