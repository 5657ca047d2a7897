// The sizes of a 2-D convolution of one image (a batch is the caller's loop). All but the paddings are at least 1.
#pragma once

#include <cstddef>

namespace narrowcast::kernels {

// Output (oh, ow) reads input (oh * stride_h + kh * dilation_h - pad_top, the same for w); what lies outside the input
// is 0. The padding after the last row and column follows from out_h and out_w. in_c and out_c are multiples of groups;
// output channel o belongs to group o / (out_c / groups) and reads that group's in_c / groups input channels.
struct ConvShape {
  std::size_t in_h = 1, in_w = 1, in_c = 1;
  std::size_t out_h = 1, out_w = 1, out_c = 1;
  std::size_t kernel_h = 1, kernel_w = 1;
  std::size_t stride_h = 1, stride_w = 1;
  std::size_t pad_top = 0, pad_left = 0;
  std::size_t dilation_h = 1, dilation_w = 1;
  std::size_t groups = 1;

  constexpr std::size_t taps() const { return kernel_h * kernel_w; }
  constexpr std::size_t group_in() const { return in_c / groups; }
  constexpr std::size_t group_out() const { return out_c / groups; }
  constexpr std::size_t depth() const { return taps() * group_in(); }  // products per output
  constexpr std::size_t pixels() const { return out_h * out_w; }
  constexpr double operations() const {
    return 2.0 * static_cast<double>(pixels()) * static_cast<double>(out_c) * static_cast<double>(depth());
  }
};

// The input coordinate, or a value >= `size` when it lies outside.
constexpr std::size_t conv_input(std::size_t out, std::size_t stride, std::size_t k, std::size_t dilation,
                                 std::size_t pad, std::size_t size) {
  const std::size_t padded = out * stride + k * dilation;
  return padded < pad ? size : padded - pad;
}

}  // namespace narrowcast::kernels
