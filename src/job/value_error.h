// How far two tensors of the same value are apart.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "ops/tensor.h"

namespace narrowcast {

// Sums over elements that are finite in both; float64, in the order of kernels/sqnr.
struct ValueError {
  double signal = 0;     // sum of x^2, x being the float model's
  double noise = 0;      // sum of (x - y)^2
  double max_error = 0;  // largest |x - y|
  uint64_t elements = 0;
  uint64_t clipped = 0;   // x outside the range of the codes
  uint64_t both_odd = 0;  // not finite in either, which says nothing
  uint64_t unlike = 0;    // finite in one of the two only, or of another shape or type

  // Adds another's behind this one.
  void add(const ValueError& next);
  // 10 log10(signal / noise): +inf without noise, -inf with noise alone or elements that are unlike.
  [[nodiscard]] double sqnr_db() const;
};

struct Bounds {
  double min = 0;
  double max = 0;
};

// How often elements fall into each of kBins stretches of equal length from min to max; what lies outside is counted at
// the ends, what is not finite nowhere.
inline constexpr std::size_t kBins = 48;
using Histogram = std::array<uint64_t, kBins>;
void count(const ops::Tensor& x, const Bounds& span, Histogram& histogram);

// float32 tensors, in whatever layouts. `codes`: what clipped elements lie outside of. Errors: out_of_memory.
Result<ValueError> measure(ops::Memory& memory, const ops::Tensor& x, const ops::Tensor& y,
                           const std::optional<Bounds>& codes);

// What an output says, one decision a row: the index of the largest element along an axis, the first of several; the
// elements themselves when they are integers. The axis is the last one, for ONNX's images axis 1 of four.
// In the order of rows; none when the axis has one element only.
std::vector<int64_t> decisions_of(const ops::Tensor& plain, bool channels_first);

}  // namespace narrowcast
