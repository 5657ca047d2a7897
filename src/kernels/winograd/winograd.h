// 3 x 3 convolution of an NHWC image, float32, by Winograd's F(4x4, 3x3) (Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks", 2016): 36 products instead of 144 for 16 outputs. Kernel 3 x 3, stride 1, dilation 1,
// groups 1; any size and padding. Within 3e-5 of the largest output of conv_f32, but not equal to it; the sequence of
// its own operations is fixed and stated in winograd_ref.cc:
//   U = G w GT in float64, rounded once;  V = BT d B for each 6 x 6 tile of the input, 0 outside, columns first;
//   M = sum over input channels ascending, from 0, of V * U;  y = AT M A, columns first, + bias (0 without bias).
// A NaN or infinity reaches every output of its tile.
#pragma once

#include "kernels/conv/conv.h"

namespace narrowcast::kernels {

constexpr bool is_winograd(const ConvShape& shape) {
  return shape.kernel_h == 3 && shape.kernel_w == 3 && shape.stride_h == 1 && shape.stride_w == 1 &&
         shape.dilation_h == 1 && shape.dilation_w == 1 && shape.groups == 1;
}

// Whether it is faster than conv_f32 (measured in V8, winograd_bench.cc): nearly two times at 8 channels, three at 64,
// where the tiles are filled well and there are enough of them for weights that are four times as large.
constexpr bool winograd_pays(const ConvShape& shape) {
  const std::size_t tiles = (shape.out_h + 3) / 4 * ((shape.out_w + 3) / 4);
  return is_winograd(shape) && shape.in_c >= 8 && shape.out_c >= 8 && tiles >= 4 && shape.pixels() >= 6 * tiles;
}

// 36 packed matrices (kernels/gemm), n = out_c, k = in_c.
constexpr std::size_t packed_winograd_floats(const ConvShape& shape) {
  return 36 * packed_gemm_floats(shape.out_c, shape.in_c);
}

// As pack_conv_f32; w * scale is rounded before it is transformed.
void pack_winograd_f32(const void* w, const ConvShape& shape, const ConvWeightStrides& strides, const float* scale,
                       float* packed);

// Bytes of scratch, to be aligned to 8.
std::size_t winograd_scratch_bytes(const ConvShape& shape);

// As conv_f32, with weights of pack_winograd_f32.
void winograd_f32__ref(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                       const float* bias, float* y, std::size_t y_stride, void* scratch, const Epilogue& epilogue);
void winograd_f32__simd(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                        const float* bias, float* y, std::size_t y_stride, void* scratch, const Epilogue& epilogue);
inline void winograd_f32(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                         const float* bias, float* y, std::size_t y_stride, void* scratch, const Epilogue& epilogue) {
  winograd_f32__simd(shape, x, x_stride, packed, bias, y, y_stride, scratch, epilogue);
}

}  // namespace narrowcast::kernels
