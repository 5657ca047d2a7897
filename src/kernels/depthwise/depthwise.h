// Depthwise convolution of an NHWC image, float32: in_c == out_c == groups (with more outputs per channel, use
// conv_f32). The sum's order is part of the result, as in kernels/conv: y = bias[c] (0 without bias); for kh, kw
// ascending: y = y + x * w; then the epilogue. Padding is a 0 that is multiplied like any other value.
#pragma once

#include "kernels/conv/conv.h"

namespace narrowcast::kernels {

constexpr bool is_depthwise(const ConvShape& shape) {
  return shape.groups == shape.in_c && shape.groups == shape.out_c;
}

// Blocks of four channels [ceil(out_c / 4)][kernel_h][kernel_w][4], missing channels 0: what a tile reads lies
// together, where [kernel_h][kernel_w][out_c] would put it into one set of the cache when out_c is a multiple of 1024.
constexpr std::size_t packed_depthwise_floats(const ConvShape& shape) {
  return (shape.out_c + 3) / 4 * 4 * shape.taps();
}
constexpr std::size_t packed_depthwise_index(const ConvShape& shape, std::size_t channel, std::size_t tap) {
  return (channel / 4 * shape.taps() + tap) * 4 + channel % 4;
}

// Weight (c, kh, kw) lies at strides.o * c + strides.kh * kh + strides.kw * kw
// floats of w (any alignment); channel c is multiplied by scale[c], if not null.
void pack_depthwise_f32(const void* w, const ConvShape& shape, const ConvWeightStrides& strides, const float* scale,
                        float* packed);

// Bytes of scratch, to be aligned to 8.
std::size_t depthwise_scratch_bytes(const ConvShape& shape);

// As conv_f32, with weights of pack_depthwise_f32.
void depthwise_f32__ref(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                        const float* bias, float* y, std::size_t y_stride, void* scratch, const Epilogue& epilogue);
void depthwise_f32__simd(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                         const float* bias, float* y, std::size_t y_stride, void* scratch, const Epilogue& epilogue);
inline void depthwise_f32(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                          const float* bias, float* y, std::size_t y_stride, void* scratch, const Epilogue& epilogue) {
  depthwise_f32__simd(shape, x, x_stride, packed, bias, y, y_stride, scratch, epilogue);
}

}  // namespace narrowcast::kernels
