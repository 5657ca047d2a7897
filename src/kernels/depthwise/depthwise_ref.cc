#include "kernels/depthwise/depthwise.h"
#include "kernels/elements.h"

namespace narrowcast::kernels {

void pack_depthwise_f32(const void* w, const ConvShape& shape, const ConvWeightStrides& strides, const float* scale,
                        float* packed) {
  for (std::size_t first = 0; first < shape.out_c; first += 4) {
    for (std::size_t tap = 0; tap < shape.taps(); ++tap) {
      const std::size_t at = tap / shape.kernel_w * strides.kh + tap % shape.kernel_w * strides.kw;
      for (std::size_t c = first; c < first + 4; ++c) {
        const float value = c < shape.out_c ? load_f32(w, c * strides.o + at) : 0;
        *packed++ = c < shape.out_c && scale ? value * scale[c] : value;
      }
    }
  }
}

void depthwise_f32__ref(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                        const float* bias, float* y, std::size_t y_stride, void* /*scratch*/,
                        const Epilogue& epilogue) {
  for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel) {
    for (std::size_t c = 0; c < shape.out_c; ++c) {
      float sum = bias ? bias[c] : 0;
      for (std::size_t tap = 0; tap < shape.taps(); ++tap) {
        const std::size_t ih = conv_input(pixel / shape.out_w, shape.stride_h, tap / shape.kernel_w, shape.dilation_h,
                                          shape.pad_top, shape.in_h);
        const std::size_t iw = conv_input(pixel % shape.out_w, shape.stride_w, tap % shape.kernel_w, shape.dilation_w,
                                          shape.pad_left, shape.in_w);
        const bool inside = ih < shape.in_h && iw < shape.in_w;
        const float value = inside ? x[(ih * shape.in_w + iw) * x_stride + c] : 0;
        sum = sum + value * packed[packed_depthwise_index(shape, c, tap)];
      }
      y[pixel * y_stride + c] = clamp_one(sum, epilogue.clamp);
    }
  }
  if (epilogue.finish && shape.pixels() > 0) epilogue.finish(epilogue.context, y, 0, shape.pixels());
}

}  // namespace narrowcast::kernels
