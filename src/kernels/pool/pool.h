// Pooling of float32 images in NHWC: x (batch, in_h, in_w, channels) -> y (batch, out_h, out_w, channels). Floats at
// any address that is a multiple of 4; y does not overlap x. A window's taps are taken row by row, ascending; those
// outside the image are left out. Results are clamped to [lo, hi] (a NaN stays). Both variants agree bit for bit, NaN
// payloads apart. The global average is reduce_f32(mean) over the pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace narrowcast::kernels {

struct PoolAxis {
  std::size_t in = 1;
  std::size_t out = 1;
  std::size_t kernel = 1;
  std::size_t stride = 1;
  std::size_t dilation = 1;
  std::size_t pad_begin = 0;
  std::size_t pad_end = 0;  // counts in divisors only

  // The taps [first, last) of output o that lie in [-before, in + after).
  struct Taps {
    std::size_t first, last;
    std::size_t count() const { return last - first; }
  };
  Taps taps(std::size_t o, std::size_t before, std::size_t after) const {
    // In coordinates that start at -pad_begin.
    const std::size_t low = pad_begin - before;
    const std::size_t high = pad_begin + in + after;
    const std::size_t start = o * stride;
    const std::size_t first = start >= low ? 0 : (low - start + dilation - 1) / dilation;
    const std::size_t fitting = start >= high ? 0 : (high - start + dilation - 1) / dilation;
    const std::size_t last = fitting < kernel ? fitting : kernel;
    return {first < last ? first : last, last};
  }
  // The input coordinate of a tap that exists.
  std::size_t at(std::size_t o, std::size_t tap) const { return o * stride + tap * dilation - pad_begin; }
};

struct Pool2d {
  std::size_t batch = 1;
  std::size_t channels = 1;
  PoolAxis y;
  PoolAxis x;
  float lo = -std::numeric_limits<float>::infinity();
  float hi = std::numeric_limits<float>::infinity();
};

// The largest value; of equal zeros the first. NaN is left out, as in onnxruntime; -inf where nothing is left.
void max_pool_f32__ref(const float* x, const Pool2d& p, float* y);
void max_pool_f32__simd(const float* x, const Pool2d& p, float* y);
inline void max_pool_f32(const float* x, const Pool2d& p, float* y) { max_pool_f32__simd(x, p, y); }

// The same result by maxima along x, then along y: for large windows whose steps are small. scratch:
// in_h * out_w * channels floats.
void max_pool_separable_f32(const float* x, const Pool2d& p, float* y, float* scratch);
constexpr bool separable_max_pool_pays(const Pool2d& p) {
  return p.y.kernel >= 5 && p.x.kernel >= 5 && p.y.stride == 1 && p.x.stride == 1;
}

// Also where the maximum lies: as a flat index of the tensor (batch, channels, in_h, in_w), or with `column_major` of
// (batch, channels, in_w, in_h), in the places of y. The first tap is replaced by strictly larger ones, so a NaN stays
// only as the first (as onnxruntime's path with indices). Every window must hold a tap. Not fast.
void max_pool_with_indices_f32(const float* x, const Pool2d& p, bool column_major, float* y, int64_t* indices);

// The sum, from 0, divided by the number of taps that exist or, with `count_pads`, of those in the padded image; taps
// beyond it, which rounding the output size up brings, never count (onnxruntime, all opsets). NaN where that number is
// 0.
void average_pool_f32__ref(const float* x, const Pool2d& p, bool count_pads, float* y);
void average_pool_f32__simd(const float* x, const Pool2d& p, bool count_pads, float* y);
inline void average_pool_f32(const float* x, const Pool2d& p, bool count_pads, float* y) {
  average_pool_f32__simd(x, p, count_pads, y);
}

}  // namespace narrowcast::kernels
