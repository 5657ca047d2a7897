#include "kernels/conv_first/conv_first.h"

namespace narrowcast::kernels {
namespace {

float value_at(ImageLayout layout, const ConvShape& shape, const float* x, std::size_t x_stride, std::size_t ih,
               std::size_t iw, std::size_t c) {
  if (ih >= shape.in_h || iw >= shape.in_w) return 0;
  const std::size_t pixel = ih * shape.in_w + iw;
  return layout == ImageLayout::nchw ? x[c * x_stride + pixel] : x[pixel * x_stride + c];
}

}  // namespace

void conv_first_f32__ref(ImageLayout layout, const ConvShape& shape, const float* x, std::size_t x_stride,
                         const float* packed, const float* bias, float* y, std::size_t y_stride, void* /*scratch*/,
                         const Epilogue& epilogue) {
  for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel) {
    const std::size_t oh = pixel / shape.out_w, ow = pixel % shape.out_w;
    for (std::size_t o = 0; o < shape.out_c; ++o) {
      float sum = bias ? bias[o] : 0;
      for (std::size_t k = 0; k < shape.depth(); ++k) {
        const std::size_t tap = k / shape.in_c, kh = tap / shape.kernel_w, kw = tap % shape.kernel_w;
        const std::size_t ih = conv_input(oh, shape.stride_h, kh, shape.dilation_h, shape.pad_top, shape.in_h);
        const std::size_t iw = conv_input(ow, shape.stride_w, kw, shape.dilation_w, shape.pad_left, shape.in_w);
        const float value = value_at(layout, shape, x, x_stride, ih, iw, k % shape.in_c);
        sum = sum + value * packed[packed_gemm_index(shape.out_c, shape.depth(), o, k)];
      }
      y[pixel * y_stride + o] = clamp_one(sum, epilogue.clamp);
    }
  }
  if (epilogue.finish && shape.pixels() > 0) epilogue.finish(epilogue.context, y, 0, shape.pixels());
}

}  // namespace narrowcast::kernels
