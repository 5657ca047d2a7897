// Smallest and largest value of float32 data. NaN is skipped and counted; infinities count as values.
// Every build and every split into chunks gives the same result: minimum and maximum do not depend on order, and a
// zero of either sign comes back as +0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "kernels/layout.h"

namespace narrowcast::kernels {

struct MinMax {
  float min = std::numeric_limits<float>::infinity();   // +inf when there is no value
  float max = -std::numeric_limits<float>::infinity();  // -inf when there is no value
  uint64_t nan_count = 0;
  uint64_t inf_count = 0;  // of either sign

  bool empty() const { return min > max; }
};

constexpr MinMax merge(const MinMax& a, const MinMax& b) {
  return {a.min < b.min ? a.min : b.min, a.max > b.max ? a.max : b.max, a.nan_count + b.nan_count,
          a.inf_count + b.inf_count};
}

// x: n float32, any alignment.
MinMax min_max_f32__ref(const void* x, std::size_t n);
MinMax min_max_f32__simd(const void* x, std::size_t n);
inline MinMax min_max_f32(const void* x, std::size_t n) { return min_max_f32__simd(x, n); }

struct NonFinite {
  uint64_t nan_count = 0;
  uint64_t inf_count = 0;
};

// x: (outer, layout.channels, layout.inner) float32, any alignment. Writes mins and maxs [channels], as above; a
// channel without a value gets +inf and -inf. Returns the counts over all channels.
NonFinite min_max_f32_per_channel__ref(const void* x, std::size_t outer, ChannelLayout layout, float* mins,
                                       float* maxs);
NonFinite min_max_f32_per_channel__simd(const void* x, std::size_t outer, ChannelLayout layout, float* mins,
                                        float* maxs);
inline NonFinite min_max_f32_per_channel(const void* x, std::size_t outer, ChannelLayout layout, float* mins,
                                         float* maxs) {
  return min_max_f32_per_channel__simd(x, outer, layout, mins, maxs);
}

// The columns of a matrix: x: `rows` rows of `width` float32, row r at element r * stride (stride >= width).
NonFinite min_max_f32_columns__ref(const void* x, std::size_t rows, std::size_t width, std::size_t stride, float* mins,
                                   float* maxs);
NonFinite min_max_f32_columns__simd(const void* x, std::size_t rows, std::size_t width, std::size_t stride, float* mins,
                                    float* maxs);
inline NonFinite min_max_f32_columns(const void* x, std::size_t rows, std::size_t width, std::size_t stride,
                                     float* mins, float* maxs) {
  return min_max_f32_columns__simd(x, rows, width, stride, mins, maxs);
}

}  // namespace narrowcast::kernels
