// 4-bit quantization in blocks: a scale (and, for u4, a zero point) for every block_size elements along one axis.
//
// i4, symmetric:  scale = float32(absmax / 7), zero point 0, codes -8..7.
// u4, asymmetric: range of the block widened to include 0; scale = float32(max - min) / 15 in float64, narrowed;
//                 zero_point = clamp(rne(-min / scale)), codes 0..15 (onnx.md 1.2, BlockSize).
// A block whose scale would be below 2^-126 (all zeros, or nothing but NaN) gets scale 1, zero point 0. NaN is skipped.
// Infinities are the caller's to refuse (min_max.h counts them): a block that holds one gets scale 1, zero point 0.
// Codes: clamp(rne(x / scale) + zero_point), float32 division; NaN gives the zero point.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/layout.h"

namespace narrowcast::kernels {

// x: (layout.outer, layout.k, layout.inner) float32, any alignment. Writes layout.parameters() scales, and zero points
// for u4, shaped (outer, blocks, inner).
void compute_block_scales_f32_i4__ref(const void* x, BlockLayout layout, float* scale);
void compute_block_scales_f32_i4__simd(const void* x, BlockLayout layout, float* scale);
inline void compute_block_scales_f32_i4(const void* x, BlockLayout layout, float* scale) {
  compute_block_scales_f32_i4__simd(x, layout, scale);
}

void compute_block_scales_f32_u4__ref(const void* x, BlockLayout layout, float* scale, uint8_t* zero_point);
void compute_block_scales_f32_u4__simd(const void* x, BlockLayout layout, float* scale, uint8_t* zero_point);
inline void compute_block_scales_f32_u4(const void* x, BlockLayout layout, float* scale, uint8_t* zero_point) {
  compute_block_scales_f32_u4__simd(x, layout, scale, zero_point);
}

// x: the n float32 of the tensor from flat element `start` on; scale, zero_point: the whole tensor's, every scale
// finite, > 0 and every zero point 0..15; q: n codes, unpacked. Any split into ranges gives the codes of the whole.
void quantize_f32_i4_block__ref(const void* x, std::size_t n, std::size_t start, BlockLayout layout, const float* scale,
                                int8_t* q);
void quantize_f32_i4_block__simd(const void* x, std::size_t n, std::size_t start, BlockLayout layout,
                                 const float* scale, int8_t* q);
inline void quantize_f32_i4_block(const void* x, std::size_t n, std::size_t start, BlockLayout layout,
                                  const float* scale, int8_t* q) {
  quantize_f32_i4_block__simd(x, n, start, layout, scale, q);
}

void quantize_f32_u4_block__ref(const void* x, std::size_t n, std::size_t start, BlockLayout layout, const float* scale,
                                const uint8_t* zero_point, uint8_t* q);
void quantize_f32_u4_block__simd(const void* x, std::size_t n, std::size_t start, BlockLayout layout,
                                 const float* scale, const uint8_t* zero_point, uint8_t* q);
inline void quantize_f32_u4_block(const void* x, std::size_t n, std::size_t start, BlockLayout layout,
                                  const float* scale, const uint8_t* zero_point, uint8_t* q) {
  quantize_f32_u4_block__simd(x, n, start, layout, scale, zero_point, q);
}

}  // namespace narrowcast::kernels
