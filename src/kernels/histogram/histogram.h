// Counts how often float32 data falls into each of 2048 bins a side. Bin i of a side holds the finite values of that
// sign, zeros aside, with floor(|x| / 2^exponent) = i. Order and splits do not matter: counts are whole numbers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace narrowcast::kernels {

inline constexpr std::size_t kHistogramBins = 2048;
inline constexpr int kLeastHistogramExponent = -138;
inline constexpr int kMostHistogramExponent = 117;  // 2048 * 2^117 is above every float

struct HistogramCounts {
  uint64_t pos[kHistogramBins] = {};
  uint64_t neg[kHistogramBins] = {};
  uint64_t zero = 0;  // of either sign
};

// x: n float32, any alignment; NaN and infinities are left out. Every finite |x| < 2048 * 2^exponent, and exponent
// within the limits above. Adds to `counts`.
void histogram_f32__ref(const void* x, std::size_t n, int exponent, HistogramCounts& counts);
void histogram_f32__simd(const void* x, std::size_t n, int exponent, HistogramCounts& counts);
inline void histogram_f32(const void* x, std::size_t n, int exponent, HistogramCounts& counts) {
  histogram_f32__simd(x, n, exponent, counts);
}

}  // namespace narrowcast::kernels
