// float32 <-> float16 over arrays; base/half.h defines every single conversion (nearest, ties to even, one NaN).
#pragma once

#include <cstddef>
#include <cstdint>

namespace narrowcast::kernels {

// x: n float32; h: n float16 patterns; both at any alignment, not overlapping. Overflow gives infinity.
void convert_f32_f16__ref(const void* x, std::size_t n, void* h);
void convert_f32_f16__simd(const void* x, std::size_t n, void* h);
inline void convert_f32_f16(const void* x, std::size_t n, void* h) { convert_f32_f16__simd(x, n, h); }

struct HalfClamped {
  uint64_t too_large = 0;  // finite, |x| > 65504: became +-65504
  uint64_t too_small = 0;  // 0 < |x| < 2^-24: became +-2^-24
};

// As above, but finite values stay finite and non-zero ones non-zero (onnx.md 1.5, the fp16 rule); zeros, infinities
// and NaN are converted as they are. Counts add up over chunks.
HalfClamped convert_f32_f16_clamped__ref(const void* x, std::size_t n, void* h);
HalfClamped convert_f32_f16_clamped__simd(const void* x, std::size_t n, void* h);
inline HalfClamped convert_f32_f16_clamped(const void* x, std::size_t n, void* h) {
  return convert_f32_f16_clamped__simd(x, n, h);
}

// h: n float16 patterns; x: n float32; exact.
void convert_f16_f32__ref(const void* h, std::size_t n, void* x);
void convert_f16_f32__simd(const void* h, std::size_t n, void* x);
inline void convert_f16_f32(const void* h, std::size_t n, void* x) { convert_f16_f32__simd(h, n, x); }

}  // namespace narrowcast::kernels
