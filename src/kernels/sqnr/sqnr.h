// Signal to quantization noise ratio: 10 log10(sum x^2 / sum (x - y)^2), ORT's 20 log10(|x| / |x - y|) (onnx.md 1.5).
// The order of the sums is part of the result: float64; element i of the whole goes to lane i % 16, ascending; the
// lanes are then added pairwise: l + (l + 8), l + (l + 4), l + (l + 2), l + (l + 1).
#pragma once

#include <array>
#include <cstddef>

namespace narrowcast::kernels {

struct SqnrSums {
  std::array<double, 16> signal{};
  std::array<double, 16> noise{};
};

// Adds n elements: x, y float32 at any alignment. In chunks: n a multiple of 16 in all but the last, which makes the
// result independent of the split. NaN and infinities carry into the sums.
void accumulate_sqnr__ref(const void* x, const void* y, std::size_t n, SqnrSums& sums);
void accumulate_sqnr__simd(const void* x, const void* y, std::size_t n, SqnrSums& sums);
inline void accumulate_sqnr(const void* x, const void* y, std::size_t n, SqnrSums& sums) {
  accumulate_sqnr__simd(x, y, n, sums);
}

struct SqnrEnergy {
  double signal = 0;  // sum of x^2
  double noise = 0;   // sum of (x - y)^2
};
SqnrEnergy sqnr_energy(const SqnrSums& sums);

// In decibels. No noise: +inf (also for 0 / 0); noise without signal: -inf; NaN in either: NaN.
double sqnr_db(const SqnrEnergy& energy);

}  // namespace narrowcast::kernels
