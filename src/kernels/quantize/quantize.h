// float32 to integer codes with a scale and zero point per tensor or per channel.
//
//   Rounding::float32_half_even  q = clamp(rne(x / float(scale)) + zero_point)   onnx.md 1.2 (a float32 division)
//   Rounding::float32_reciprocal_half_even  q = clamp(rne(x * (1 / float(scale))) + zero_point)   PyTorch on x86
//   Rounding::float64_half_away  q = clamp(round(double(x) / scale + zero_point)) tflite.md 1.1; ties away from zero
//
// clamp is to `range`, which lies within the type of the codes. NaN gives the code of zero, clamp(zero_point);
// infinities, and quotients that overflow, give the ends of the range.
// scale is finite, > 0, also as float32; zero_point lies within -65536..65536. x: any alignment.
// int4 and uint4 codes, unpacked, are the i8 kernels with kI4 or kU4; pack_int4.h packs them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/formula.h"
#include "kernels/layout.h"

namespace narrowcast::kernels {

struct CodeSpec {
  CodeRange range;
  Rounding rounding = Rounding::float32_half_even;
};

// Per-channel parameters: scale [channels]; zero_point [channels], or null when all are 0.
struct ChannelScales {
  const double* scale = nullptr;
  const int32_t* zero_point = nullptr;
};

// NC_QUANTIZE declares, for one code type T:
//   quantize_f32_<t>(x, n, scale, zero_point, spec, q)
//     x: n float32; q: n codes.
//   quantize_f32_<t>_per_channel(x, n, start, layout, scales, spec, q)
//     x: the n float32 of a tensor from flat element `start` on; q: their n codes. Any split of a tensor into such
//     ranges gives the codes of the whole, so payloads can be made chunk by chunk.
#define NC_QUANTIZE_VARIANT(t, T, variant)                                                                             \
  void quantize_f32_##t##variant(const void* x, std::size_t n, double scale, int32_t zero_point, CodeSpec spec, T* q); \
  void quantize_f32_##t##_per_channel##variant(const void* x, std::size_t n, std::size_t start, ChannelLayout layout,  \
                                               ChannelScales scales, CodeSpec spec, T* q);
#define NC_QUANTIZE(t, T)                                                                                             \
  NC_QUANTIZE_VARIANT(t, T, __ref)                                                                                    \
  NC_QUANTIZE_VARIANT(t, T, __simd)                                                                                   \
  inline void quantize_f32_##t(const void* x, std::size_t n, double scale, int32_t zero_point, CodeSpec spec, T* q) { \
    quantize_f32_##t##__simd(x, n, scale, zero_point, spec, q);                                                       \
  }                                                                                                                   \
  inline void quantize_f32_##t##_per_channel(const void* x, std::size_t n, std::size_t start, ChannelLayout layout,   \
                                             ChannelScales scales, CodeSpec spec, T* q) {                             \
    quantize_f32_##t##_per_channel__simd(x, n, start, layout, scales, spec, q);                                       \
  }

NC_QUANTIZE(i8, int8_t)
NC_QUANTIZE(u8, uint8_t)
NC_QUANTIZE(i16, int16_t)
NC_QUANTIZE(u16, uint16_t)

#undef NC_QUANTIZE
#undef NC_QUANTIZE_VARIANT

}  // namespace narrowcast::kernels
