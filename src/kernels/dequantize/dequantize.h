// Codes back to float32: real = float(scale) * float32(q - zero_point), the product in float32 (ONNX DequantizeLinear).
// Differences of 8- and 16-bit codes are exact in float32, so the product is the only rounding.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/layout.h"
#include "kernels/quantize/quantize.h"

namespace narrowcast::kernels {

// NC_DEQUANTIZE declares, for one code type T:
//   dequantize_<t>_f32(q, n, scale, zero_point, x)
//     q: n codes; x: n float32, any alignment.
//   dequantize_<t>_f32_per_channel(q, n, start, layout, scales, x)
//     q: the n codes of a tensor from flat element `start` on, as in quantize.h.
//   dequantize_<t>_f32_block(q, n, start, layout, scale, zero_point, x)
//     4-bit codes unpacked to T; scale, zero_point of the whole tensor as in quantize_block.h, zero_point null when 0.
#define NC_DEQUANTIZE_VARIANT(t, T, variant)                                                                         \
  void dequantize_##t##_f32##variant(const T* q, std::size_t n, double scale, int32_t zero_point, void* x);          \
  void dequantize_##t##_f32_per_channel##variant(const T* q, std::size_t n, std::size_t start, ChannelLayout layout, \
                                                 ChannelScales scales, void* x);                                     \
  void dequantize_##t##_f32_block##variant(const T* q, std::size_t n, std::size_t start, BlockLayout layout,         \
                                           const float* scale, const uint8_t* zero_point, void* x);
#define NC_DEQUANTIZE(t, T)                                                                                        \
  NC_DEQUANTIZE_VARIANT(t, T, __ref)                                                                               \
  NC_DEQUANTIZE_VARIANT(t, T, __simd)                                                                              \
  inline void dequantize_##t##_f32(const T* q, std::size_t n, double scale, int32_t zero_point, void* x) {         \
    dequantize_##t##_f32__simd(q, n, scale, zero_point, x);                                                        \
  }                                                                                                                \
  inline void dequantize_##t##_f32_per_channel(const T* q, std::size_t n, std::size_t start, ChannelLayout layout, \
                                               ChannelScales scales, void* x) {                                    \
    dequantize_##t##_f32_per_channel__simd(q, n, start, layout, scales, x);                                        \
  }                                                                                                                \
  inline void dequantize_##t##_f32_block(const T* q, std::size_t n, std::size_t start, BlockLayout layout,         \
                                         const float* scale, const uint8_t* zero_point, void* x) {                 \
    dequantize_##t##_f32_block__simd(q, n, start, layout, scale, zero_point, x);                                   \
  }

NC_DEQUANTIZE(i8, int8_t)
NC_DEQUANTIZE(u8, uint8_t)
NC_DEQUANTIZE(i16, int16_t)
NC_DEQUANTIZE(u16, uint16_t)

#undef NC_DEQUANTIZE
#undef NC_DEQUANTIZE_VARIANT

}  // namespace narrowcast::kernels
