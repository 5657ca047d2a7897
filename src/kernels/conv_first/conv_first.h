// Convolution of an image with few channels, planar (NCHW, as models are fed) or NHWC, to NHWC; groups 1, anything else
// as in kernels/conv, the order of the sum included. Bands of the image are copied with their padding, and each product
// finds its value through a table of offsets: kernel rows of a channel or three are too short for loops of their own.
#pragma once

#include "kernels/conv/conv.h"

namespace narrowcast::kernels {

enum class ImageLayout { nchw, nhwc };

// Whether this kernel beats conv_f32 on an NHWC image (measured in V8, conv_first_bench.cc).
constexpr bool conv_first_pays(const ConvShape& shape) {
  return shape.groups == 1 && shape.in_c <= 12 && shape.taps() > 1;
}

// Bytes of scratch, to be aligned to 8.
std::size_t conv_first_scratch_bytes(ImageLayout layout, const ConvShape& shape);

// x_stride: floats from one pixel to the next (nhwc) or from one plane [in_h][in_w] to the next (nchw).
// packed: of pack_conv_f32. The rest as in conv_f32.
void conv_first_f32__ref(ImageLayout layout, const ConvShape& shape, const float* x, std::size_t x_stride,
                         const float* packed, const float* bias, float* y, std::size_t y_stride, void* scratch,
                         const Epilogue& epilogue);
void conv_first_f32__simd(ImageLayout layout, const ConvShape& shape, const float* x, std::size_t x_stride,
                          const float* packed, const float* bias, float* y, std::size_t y_stride, void* scratch,
                          const Epilogue& epilogue);
inline void conv_first_f32(ImageLayout layout, const ConvShape& shape, const float* x, std::size_t x_stride,
                           const float* packed, const float* bias, float* y, std::size_t y_stride, void* scratch,
                           const Epilogue& epilogue) {
  conv_first_f32__simd(layout, shape, x, x_stride, packed, bias, y, y_stride, scratch, epilogue);
}

}  // namespace narrowcast::kernels
