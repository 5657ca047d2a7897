// What float kernels do with a finished output: clamp each value in registers, then hand blocks of rows on.
#pragma once

#include <cstddef>
#include <limits>

namespace narrowcast::kernels {

// y = pmin(pmax(y, lo), hi). NaN stays NaN, a zero keeps its sign unless it lies outside, and infinite bounds change
// nothing at all. lo <= hi, neither is NaN.
struct Clamp {
  float lo = -std::numeric_limits<float>::infinity();
  float hi = std::numeric_limits<float>::infinity();
};

inline float clamp_one(float y, Clamp clamp) {
  const float above = y < clamp.lo ? clamp.lo : y;
  return clamp.hi < above ? clamp.hi : above;
}

// `finish`, when set, is called for blocks of finished output rows (a row is one pixel of an NHWC output, or one row of
// a matrix, all columns of it): ascending, every row exactly once, soon after it was written and so still in cache.
// `rows` points at row `first_row`; rows follow each other at the output's row stride. It may change these rows only.
struct Epilogue {
  Clamp clamp;
  void (*finish)(void* context, float* rows, std::size_t first_row, std::size_t row_count) = nullptr;
  void* context = nullptr;
};

// Bytes of output that a block for `finish` should not exceed, where one row is not longer than that.
inline constexpr std::size_t kFinishBytes = 24 << 10;

// Rows per block for rows of n floats: at least `least`, else as many as kFinishBytes holds, a multiple of `least`.
constexpr std::size_t finish_rows(std::size_t n, std::size_t least) {
  const std::size_t rows = kFinishBytes / (sizeof(float) * (n == 0 ? 1 : n));
  return rows < least ? least : rows / least * least;
}

}  // namespace narrowcast::kernels
