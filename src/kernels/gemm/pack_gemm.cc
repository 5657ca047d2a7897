#include "kernels/elements.h"
#include "kernels/gemm/gemm.h"

namespace narrowcast::kernels {

void pack_gemm_f32(const void* b, std::size_t n, std::size_t k, std::size_t row_stride, std::size_t column_stride,
                   const float* scale, float* packed) {
  for (std::size_t first = 0; first < n; first += 8) {
    const std::size_t width = n - first <= 4 ? 4 : 8;
    for (std::size_t row = 0; row < k; ++row) {
      for (std::size_t column = first; column < first + width; ++column) {
        float value = 0;
        if (column < n) value = load_f32(b, row * row_stride + column * column_stride);
        *packed++ = column < n && scale ? value * scale[column] : value;
      }
    }
  }
}

}  // namespace narrowcast::kernels
