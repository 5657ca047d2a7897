#include "base/half.h"
#include "kernels/elements.h"
#include "kernels/half/half.h"

namespace narrowcast::kernels {

void convert_f32_f16__ref(const void* x, std::size_t n, void* h) {
  for (std::size_t i = 0; i < n; ++i) store_u16(h, i, f32_to_f16(load_f32(x, i)));
}

HalfClamped convert_f32_f16_clamped__ref(const void* x, std::size_t n, void* h) {
  HalfClamped clamped;
  for (std::size_t i = 0; i < n; ++i) {
    float value = load_f32(x, i);
    const float magnitude = value < 0 ? -value : value;
    const float sign = value < 0 ? -1.0f : 1.0f;
    if (magnitude > kHalfMax && magnitude < 0x1p128) {
      value = sign * kHalfMax;
      ++clamped.too_large;
    } else if (magnitude > 0 && magnitude < kHalfMinPositive) {
      value = sign * kHalfMinPositive;
      ++clamped.too_small;
    }
    store_u16(h, i, f32_to_f16(value));
  }
  return clamped;
}

void convert_f16_f32__ref(const void* h, std::size_t n, void* x) {
  for (std::size_t i = 0; i < n; ++i) store_f32(x, i, f16_to_f32(load_u16(h, i)));
}

}  // namespace narrowcast::kernels
