// Convolutions for tests: shapes from paddings on all four sides, data in buffers without a float to spare, and a plain
// loop in float64 over the weights as models store them.
#pragma once

#include <string>
#include <vector>

#include "kernels/conv/conv.h"
#include "kernels/float_test_util.h"

namespace narrowcast::kernels::test {

struct Window {
  std::size_t kernel_h = 3, kernel_w = 3;
  std::size_t stride_h = 1, stride_w = 1;
  std::size_t dilation_h = 1, dilation_w = 1;
  std::size_t top = 0, left = 0, bottom = 0, right = 0;
};

inline std::size_t out_size(std::size_t in, std::size_t k, std::size_t stride, std::size_t dilation, std::size_t pads) {
  const std::size_t window = (k - 1) * dilation + 1;
  return in + pads < window ? 0 : (in + pads - window) / stride + 1;
}

inline ConvShape conv_shape(std::size_t h, std::size_t w, std::size_t in_c, std::size_t out_c, const Window& at,
                            std::size_t groups = 1) {
  return {.in_h = h,
          .in_w = w,
          .in_c = in_c,
          .out_h = out_size(h, at.kernel_h, at.stride_h, at.dilation_h, at.top + at.bottom),
          .out_w = out_size(w, at.kernel_w, at.stride_w, at.dilation_w, at.left + at.right),
          .out_c = out_c,
          .kernel_h = at.kernel_h,
          .kernel_w = at.kernel_w,
          .stride_h = at.stride_h,
          .stride_w = at.stride_w,
          .pad_top = at.top,
          .pad_left = at.left,
          .dilation_h = at.dilation_h,
          .dilation_w = at.dilation_w,
          .groups = groups};
}

inline std::string describe(const ConvShape& s) {
  std::string text;
  for (std::size_t n : {s.in_h, s.in_w, s.in_c, s.out_h, s.out_w, s.out_c, s.kernel_h, s.kernel_w, s.stride_h,
                        s.stride_w, s.pad_top, s.pad_left, s.dilation_h, s.dilation_w, s.groups}) {
    text += std::to_string(n) + " ";
  }
  return text;
}

inline const Window kWindows[] = {
    {.kernel_h = 1, .kernel_w = 1},
    {.kernel_h = 1, .kernel_w = 1, .stride_h = 2, .stride_w = 2},
    {.top = 1, .left = 1, .bottom = 1, .right = 1},
    {.stride_h = 2, .stride_w = 2, .bottom = 1, .right = 1},
    {.stride_h = 2, .stride_w = 1, .dilation_h = 1, .dilation_w = 2, .top = 2, .left = 3, .right = 1},
    {.dilation_h = 3, .dilation_w = 3, .top = 3, .left = 3, .bottom = 3, .right = 3},
    {.kernel_h = 1, .kernel_w = 5, .left = 4},
    {.kernel_h = 5, .kernel_w = 5, .stride_h = 3, .stride_w = 2, .top = 2, .left = 2, .bottom = 4, .right = 4},
    {.kernel_h = 2, .kernel_w = 4, .top = 5, .left = 6, .bottom = 5, .right = 6},
};

// Inputs of a convolution; weights OIHW.
struct ConvData {
  ConvShape shape;
  std::size_t x_stride, y_stride;
  std::vector<float> weights;
  Floats x, bias, packed;

  ConvData(const ConvShape& sizes, Mix mix, std::size_t gap = 0)
      : shape(sizes),
        x_stride(sizes.in_c + gap),
        y_stride(sizes.out_c + gap),
        weights(floats(sizes.out_c * sizes.depth(), mix, 2)),
        x(floats((sizes.in_h * sizes.in_w - 1) * x_stride + sizes.in_c, mix, 1)),
        bias(floats(sizes.out_c, mix, 3)),
        packed(packed_conv_floats(sizes)) {
    pack_conv_f32(weights.data(), shape, oihw_strides(shape), nullptr, packed.data());
  }
  Floats output() const { return Floats((shape.pixels() - 1) * y_stride + shape.out_c, 7.0f); }
  float pixel(std::size_t ih, std::size_t iw, std::size_t c) {
    return ih < shape.in_h && iw < shape.in_w ? x.data()[(ih * shape.in_w + iw) * x_stride + c] : 0;
  }

  // [pixel][channel]; `absolute`, if not null, receives the sums of absolute products.
  std::vector<double> in_float64(std::vector<double>* absolute) {
    const ConvShape& s = shape;
    std::vector<double> y;
    for (std::size_t at = 0; at < s.pixels() * s.out_c; ++at) {
      const std::size_t o = at % s.out_c, oh = at / s.out_c / s.out_w, ow = at / s.out_c % s.out_w;
      double sum = bias.data()[o], sum_of_absolutes = std::abs(sum);
      for (std::size_t k = 0; k < s.depth(); ++k) {
        const std::size_t i = k / s.taps(), kh = k % s.taps() / s.kernel_w, kw = k % s.kernel_w;
        const std::size_t ih = oh * s.stride_h + kh * s.dilation_h - s.pad_top;  // wraps when negative
        const std::size_t iw = ow * s.stride_w + kw * s.dilation_w - s.pad_left;
        const double product =
            static_cast<double>(pixel(ih, iw, o / s.group_out() * s.group_in() + i)) * weights[o * s.depth() + k];
        sum += product;
        sum_of_absolutes += std::abs(product);
      }
      y.push_back(sum);
      if (absolute) absolute->push_back(sum_of_absolutes);
    }
    return y;
  }
};

// Each output within depth + 1 roundings of at most 2^-24, relative to its sum of absolute products.
inline void expect_close(ConvData& data, Floats& y) {
  std::vector<double> absolute;
  const std::vector<double> wanted = data.in_float64(&absolute);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const float got = y.data()[i / data.shape.out_c * data.y_stride + i % data.shape.out_c];
    const double bound = absolute[i] * static_cast<double>(data.shape.depth() + 1) * 0x1p-24;
    ASSERT_NEAR(got, wanted[i], bound) << describe(data.shape) << i;
  }
}

}  // namespace narrowcast::kernels::test
