#include "kernels/conv_transpose/conv_transpose.h"

namespace narrowcast::kernels {
namespace {

float one_output(const ConvShape& s, const float* x, std::size_t x_stride, const float* packed, float sum,
                 std::size_t oh, std::size_t ow, std::size_t o) {
  const std::size_t n = s.group_out(), group = o / n, h = oh % s.stride_h, w = ow % s.stride_w;
  const std::size_t depth = phase_taps_h(s, h) * phase_taps_w(s, w) * s.group_in();
  const std::size_t before = group * s.depth() + taps_before_phase(s, h, w) * s.group_in();
  const float* weights = packed + packed_gemm_floats(n, before);
  std::size_t k = 0;
  for (std::size_t kh = 0; kh < s.kernel_h; ++kh) {
    if (!in_phase(oh, kh, s.stride_h, s.dilation_h, s.pad_top)) continue;
    for (std::size_t kw = 0; kw < s.kernel_w; ++kw) {
      if (!in_phase(ow, kw, s.stride_w, s.dilation_w, s.pad_left)) continue;
      const std::size_t down = oh + s.pad_top, right = ow + s.pad_left;
      const std::size_t ih = down < kh * s.dilation_h ? s.in_h : (down - kh * s.dilation_h) / s.stride_h;
      const std::size_t iw = right < kw * s.dilation_w ? s.in_w : (right - kw * s.dilation_w) / s.stride_w;
      for (std::size_t i = 0; i < s.group_in(); ++i, ++k) {
        const bool inside = ih < s.in_h && iw < s.in_w;
        const float value = inside ? x[(ih * s.in_w + iw) * x_stride + group * s.group_in() + i] : 0;
        sum = sum + value * weights[packed_gemm_index(n, depth, o % n, k)];
      }
    }
  }
  return sum;
}

}  // namespace

void conv_transpose_f32__ref(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                             const float* bias, float* y, std::size_t y_stride, void* /*scratch*/,
                             const Epilogue& epilogue) {
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
