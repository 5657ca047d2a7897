// Transposed 2-D convolution of an NHWC image, float32: input (ih, iw) adds to output (ih * stride_h + kh * dilation_h
// - pad_top, the same for w). In ConvShape, in_* is this kernel's input and out_* its output, of any size (output
// padding is a larger out_*); channels and groups are as in kernels/conv. The sum's order is part of the result: an
// output takes the taps of its phase, those with kh * dilation_h == oh + pad_top modulo stride_h and likewise for w. y
// = bias[o] (0 without bias); for these kh, kw and input channel i of the group ascending: y = y + x * w, product and
// sum rounded each, x = 0 outside the input; then the epilogue.
#pragma once

#include "kernels/conv/conv.h"

namespace narrowcast::kernels {

// ONNX's order of weights: (in_c, out_c / groups, kernel_h, kernel_w). TFLite's, without groups, is ohwi_strides.
constexpr ConvWeightStrides iohw_strides(const ConvShape& shape) {
  return {shape.taps(), shape.group_out() * shape.taps(), shape.kernel_w, 1};
}

// Whether tap k reaches outputs whose coordinate is `out`.
constexpr bool in_phase(std::size_t out, std::size_t k, std::size_t stride, std::size_t dilation, std::size_t pad) {
  return (out + pad) % stride == k * dilation % stride;
}
constexpr std::size_t phase_taps(std::size_t phase, std::size_t kernel, std::size_t stride, std::size_t dilation,
                                 std::size_t pad) {
  std::size_t taps = 0;
  for (std::size_t k = 0; k < kernel; ++k) taps += in_phase(phase, k, stride, dilation, pad) ? 1 : 0;
  return taps;
}
constexpr std::size_t phase_taps_h(const ConvShape& s, std::size_t phase) {
  return phase_taps(phase, s.kernel_h, s.stride_h, s.dilation_h, s.pad_top);
}
constexpr std::size_t phase_taps_w(const ConvShape& s, std::size_t phase) {
  return phase_taps(phase, s.kernel_w, s.stride_w, s.dilation_w, s.pad_left);
}
// The taps of all phases before (h, w) in row-major order.
constexpr std::size_t taps_before_phase(const ConvShape& s, std::size_t h, std::size_t w) {
  std::size_t taps = 0;
  for (std::size_t phase = 0; phase < h; ++phase) taps += phase_taps_h(s, phase) * s.kernel_w;
  for (std::size_t phase = 0; phase < w; ++phase) taps += phase_taps_h(s, h) * phase_taps_w(s, phase);
  return taps;
}

// Per group and phase (oh % stride_h, ow % stride_w) one packed matrix (kernels/gemm): n = out_c / groups, k = the
// phase's (kh, kw), i. Each tap belongs to one phase.
constexpr std::size_t packed_conv_transpose_floats(const ConvShape& shape) { return packed_conv_floats(shape); }

// Weight (group, o of the group, i of the group, kh, kw) lies at strides.o * o + strides.i * (group * group_in() + i) +
// strides.kh * kh + strides.kw * kw floats of w (any alignment). With groups 1 any order can be said. Weights of output
// channel o are multiplied by scale[o] (over all groups), if not null.
void pack_conv_transpose_f32(const void* w, const ConvShape& shape, const ConvWeightStrides& strides,
                             const float* scale, float* packed);

// Bytes of scratch, to be aligned to 8.
std::size_t conv_transpose_scratch_bytes(const ConvShape& shape);

// As conv_f32, with weights of pack_conv_transpose_f32.
void conv_transpose_f32__ref(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                             const float* bias, float* y, std::size_t y_stride, void* scratch,
                             const Epilogue& epilogue);
void conv_transpose_f32__simd(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                              const float* bias, float* y, std::size_t y_stride, void* scratch,
                              const Epilogue& epilogue);
inline void conv_transpose_f32(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                               const float* bias, float* y, std::size_t y_stride, void* scratch,
                               const Epilogue& epilogue) {
  conv_transpose_f32__simd(shape, x, x_stride, packed, bias, y, y_stride, scratch, epilogue);
}

}  // namespace narrowcast::kernels
