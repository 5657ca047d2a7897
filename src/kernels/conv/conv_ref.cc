#include "kernels/conv/conv.h"

namespace narrowcast::kernels {
namespace {

float one_output(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed, float sum,
                 std::size_t oh, std::size_t ow, std::size_t o) {
  const std::size_t group = o / shape.group_out();
  const float* weights = packed + group * packed_gemm_floats(shape.group_out(), shape.depth());
  std::size_t k = 0;
  for (std::size_t kh = 0; kh < shape.kernel_h; ++kh) {
    const std::size_t ih = conv_input(oh, shape.stride_h, kh, shape.dilation_h, shape.pad_top, shape.in_h);
    for (std::size_t kw = 0; kw < shape.kernel_w; ++kw) {
      const std::size_t iw = conv_input(ow, shape.stride_w, kw, shape.dilation_w, shape.pad_left, shape.in_w);
      const bool inside = ih < shape.in_h && iw < shape.in_w;
      for (std::size_t i = 0; i < shape.group_in(); ++i, ++k) {
        const float value = inside ? x[(ih * shape.in_w + iw) * x_stride + group * shape.group_in() + i] : 0;
        sum = sum + value * weights[packed_gemm_index(shape.group_out(), shape.depth(), o % shape.group_out(), k)];
      }
    }
  }
  return sum;
}

}  // namespace

void conv_f32__ref(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed, const float* bias,
                   float* y, std::size_t y_stride, void* /*scratch*/, const Epilogue& epilogue) {
  for (std::size_t oh = 0; oh < shape.out_h; ++oh) {
    for (std::size_t ow = 0; ow < shape.out_w; ++ow) {
      for (std::size_t o = 0; o < shape.out_c; ++o) {
        const float sum = one_output(shape, x, x_stride, packed, bias ? bias[o] : 0, oh, ow, o);
        y[(oh * shape.out_w + ow) * y_stride + o] = clamp_one(sum, epilogue.clamp);
      }
    }
  }
  if (epilogue.finish && shape.pixels() > 0) epilogue.finish(epilogue.context, y, 0, shape.pixels());
}

}  // namespace narrowcast::kernels
