// 2-D convolution of an NHWC image, float32.
// The sum's order is part of the result: y = bias[o] (0 without bias); for kh, kw, input channel i of the group
// ascending: y = y + x * w, product and sum rounded each; then the epilogue. Padding is a 0 that is multiplied like any
// other value (so an infinite weight makes NaN there).
#pragma once

#include "kernels/conv/conv_shape.h"
#include "kernels/epilogue.h"
#include "kernels/gemm/gemm.h"

namespace narrowcast::kernels {

// Where weight (o, i, kh, kw) lies, in floats; i counts within the group. {i * kh * kw, kh * kw, kw, 1} for OIHW.
struct ConvWeightStrides {
  std::size_t o, i, kh, kw;
};
constexpr ConvWeightStrides oihw_strides(const ConvShape& shape) {
  return {shape.depth(), shape.taps(), shape.kernel_w, 1};
}
constexpr ConvWeightStrides ohwi_strides(const ConvShape& shape) {
  return {shape.depth(), 1, shape.kernel_w * shape.group_in(), shape.group_in()};
}

// One packed matrix (kernels/gemm) per group: n = out_c / groups, k = (kh, kw, i).
constexpr std::size_t packed_conv_floats(const ConvShape& shape) {
  return shape.groups * packed_gemm_floats(shape.group_out(), shape.depth());
}

// w: any alignment. Weights of output channel o are multiplied by scale[o], if not null. packed: packed_conv_floats.
void pack_conv_f32(const void* w, const ConvShape& shape, const ConvWeightStrides& strides, const float* scale,
                   float* packed);

// Bytes of scratch, to be aligned to 8.
std::size_t conv_scratch_bytes(const ConvShape& shape);

// x: in_h * in_w pixels, each x_stride floats after the one before, of which the first in_c count; y likewise with
// out_c. y overlaps neither x nor the weights; what lies between its pixels is not touched. bias: out_c floats or null.
// finish: rows are output pixels, row stride y_stride.
void conv_f32__ref(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed, const float* bias,
                   float* y, std::size_t y_stride, void* scratch, const Epilogue& epilogue);
void conv_f32__simd(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                    const float* bias, float* y, std::size_t y_stride, void* scratch, const Epilogue& epilogue);
inline void conv_f32(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                     const float* bias, float* y, std::size_t y_stride, void* scratch, const Epilogue& epilogue) {
  conv_f32__simd(shape, x, x_stride, packed, bias, y, y_stride, scratch, epilogue);
}

}  // namespace narrowcast::kernels
