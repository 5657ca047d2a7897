// Scale and zero point of one block from its extremes; see quantize_block.h for the formulas.
#pragma once

#include <cstdint>

#include "kernels/scale/scale.h"

namespace narrowcast::kernels {

// Neither end may be infinite, except as the +inf..-inf of a block without values.
inline bool block_is_finite(float min, float max) { return min > max || (min > -0x1p128 && max < 0x1p128); }

inline float block_scale_i4(float min, float max) {
  if (!block_is_finite(min, max) || min > max) return 1.0f;
  const float low = min < 0 ? -min : min;
  const float high = max < 0 ? -max : max;
  const double scale = static_cast<double>(low > high ? low : high) / 7.0;
  return scale >= 0x1p-126 ? static_cast<float>(scale) : 1.0f;
}

struct BlockScaleU4 {
  float scale;
  uint8_t zero_point;
};

inline BlockScaleU4 block_scale_u4(float min, float max) {
  if (!block_is_finite(min, max)) return {1.0f, 0};
  const ScaleZeroPoint found = compute_scale_zero_point(min, max, kU4, false, Formula::ort);
  if (!(found.scale < 0x1p128)) return {1.0f, 0};  // max - min overflowed float32
  const int32_t zero = found.zero_point < 0 ? 0 : found.zero_point > 15 ? 15 : found.zero_point;
  return {static_cast<float>(found.scale), static_cast<uint8_t>(zero)};
}

}  // namespace narrowcast::kernels
