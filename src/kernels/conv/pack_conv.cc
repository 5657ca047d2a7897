#include "kernels/conv/conv.h"
#include "kernels/elements.h"

namespace narrowcast::kernels {

void pack_conv_f32(const void* w, const ConvShape& shape, const ConvWeightStrides& strides, const float* scale,
                   float* packed) {
  const std::size_t n = shape.group_out();
  for (std::size_t group = 0; group < shape.groups; ++group) {
    for (std::size_t first = 0; first < n; first += 8) {
      const std::size_t width = n - first <= 4 ? 4 : 8;
      for (std::size_t tap = 0; tap < shape.taps(); ++tap) {
        const std::size_t at = tap / shape.kernel_w * strides.kh + tap % shape.kernel_w * strides.kw;
        for (std::size_t i = 0; i < shape.group_in(); ++i) {
          for (std::size_t column = first; column < first + width; ++column) {
            const std::size_t o = group * n + column;
            float value = column < n ? load_f32(w, o * strides.o + i * strides.i + at) : 0;
            if (column < n && scale) value *= scale[o];
            *packed++ = value;
          }
        }
      }
    }
  }
}

}  // namespace narrowcast::kernels
