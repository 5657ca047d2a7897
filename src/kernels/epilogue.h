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

// Calls `finish` for a kernel that makes an image line by line: as soon as the lines not yet handed on fill a block.
class LineFinisher {
 public:
  // The image's `height` lines have `width` pixels of `channels` floats, y_stride floats apart.
  LineFinisher(const Epilogue& epilogue, float* y, std::size_t height, std::size_t width, std::size_t channels,
               std::size_t y_stride)
      : epilogue_(epilogue),
        y_(y),
        height_(height),
        width_(width),
        y_stride_(y_stride),
        together_((finish_rows(channels, 1) + width - 1) / width) {}

  // The first `lines` lines are done.
  void done(std::size_t lines) {
    if (!epilogue_.finish || (lines - finished_ < together_ && lines < height_) || lines == finished_) return;
    const std::size_t pixel = finished_ * width_;
    epilogue_.finish(epilogue_.context, y_ + pixel * y_stride_, pixel, (lines - finished_) * width_);
    finished_ = lines;
  }

 private:
  const Epilogue& epilogue_;
  float* y_;
  std::size_t height_, width_, y_stride_, together_;
  std::size_t finished_ = 0;
};

}  // namespace narrowcast::kernels
