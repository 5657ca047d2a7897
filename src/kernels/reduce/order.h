// The order in which float32 sums (and products, maxima) of this folder and of those that build on it are taken: it is
// part of their results.
//
// A row of n contiguous elements: blocks of 4096. Within a block element i goes to lane i % 16, ascending; lanes start
// at the identity and are then joined pairwise: l with l + 8, l + 4, l + 2, l + 1. The blocks' results are joined to
// the identity, ascending.
//
// Columns, n elements `inner` apart: blocks of 256 rows, each from the identity, ascending; the blocks' results are
// joined to the identity, ascending.
#pragma once

#include <algorithm>
#include <limits>

#include "kernels/lanes/lane.h"

namespace narrowcast::kernels::order {

inline constexpr std::size_t kRowBlock = 4096;
inline constexpr std::size_t kColumnBlock = 256;

// How a reduction joins two values, and the value that changes nothing.
struct Sum {
  static constexpr float kIdentity = 0;
  template <lanes::FloatLane F>
  NC_LANE_INLINE static F join(F a, F b) {
    return a + b;
  }
};
struct Product {
  static constexpr float kIdentity = 1;
  template <lanes::FloatLane F>
  NC_LANE_INLINE static F join(F a, F b) {
    return a * b;
  }
};
// Of two equal zeros the first stays; NaN stays.
struct Max {
  static constexpr float kIdentity = -std::numeric_limits<float>::infinity();
  template <lanes::FloatLane F>
  NC_LANE_INLINE static F join(F a, F b) {
    return lanes::select(lanes::is_nan(b), b, lanes::pmax(a, b));
  }
};
struct Min {
  static constexpr float kIdentity = std::numeric_limits<float>::infinity();
  template <lanes::FloatLane F>
  NC_LANE_INLINE static F join(F a, F b) {
    return lanes::select(lanes::is_nan(b), b, lanes::pmin(a, b));
  }
};

// What is joined: a lane function of the element, such as its square.
struct Itself {
  template <lanes::FloatLane F>
  NC_LANE_INLINE F operator()(F x) const {
    return x;
  }
};

// The specification.
template <class Join, class Map>
float reduce_row__ref(const float* x, std::size_t n, const Map& map) {
  using lanes::F1;
  F1 total{Join::kIdentity};
  for (std::size_t from = 0; from < n; from += kRowBlock) {
    F1 lane[16];
    for (F1& each : lane) each = {Join::kIdentity};
    for (std::size_t i = 0; i < kRowBlock && from + i < n; ++i) {
      lane[i % 16] = Join::join(lane[i % 16], map(F1{x[from + i]}));
    }
    for (std::size_t half = 8; half > 0; half /= 2) {
      for (std::size_t l = 0; l < half; ++l) lane[l] = Join::join(lane[l], lane[l + half]);
    }
    total = Join::join(total, lane[0]);
  }
  return total.v;
}

// y[i] of `width` columns, rows `stride` apart; map(x, column).
template <class Join, class Map>
void reduce_columns__ref(const float* x, std::size_t n, std::size_t width, std::size_t stride, const Map& map,
                         float* y) {
  using lanes::F1;
  for (std::size_t column = 0; column < width; ++column) {
    F1 total{Join::kIdentity};
    for (std::size_t from = 0; from < n; from += kColumnBlock) {
      F1 part{Join::kIdentity};
      for (std::size_t row = from; row < std::min(n, from + kColumnBlock); ++row) {
        part = Join::join(part, map(F1{x[row * stride + column]}, column));
      }
      total = Join::join(total, part);
    }
    y[column] = total.v;
  }
}

// The first `count` (1..3) of four mapped elements, the identity in the others.
template <class Join, class Map>
NC_LANE_INLINE lanes::F4 map_some(const float* x, std::size_t count, const Map& map) {
  float lane[4] = {};
  std::memcpy(lane, x, 4 * count);
  lanes::store(lane, map(lanes::load<lanes::F4>(lane)));
  for (std::size_t i = count; i < 4; ++i) lane[i] = Join::kIdentity;
  return lanes::load<lanes::F4>(lane);
}

// One block. Joining the identity changes no lane: lanes that start from it are never -0 in a sum.
template <class Join, class Map>
NC_LANE_INLINE float reduce_block__simd(const float* x, std::size_t n, const Map& map) {
  using lanes::F4;
  const F4 identity = lanes::splat<F4>(Join::kIdentity);
  F4 a = identity, b = identity, c = identity, d = identity;
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    a = Join::join(a, map(lanes::load<F4>(x + i)));
    b = Join::join(b, map(lanes::load<F4>(x + i + 4)));
    c = Join::join(c, map(lanes::load<F4>(x + i + 8)));
    d = Join::join(d, map(lanes::load<F4>(x + i + 12)));
  }
  F4* const quarters[] = {&a, &b, &c, &d};
  for (F4* quarter : quarters) {
    if (i >= n) break;
    const std::size_t count = n - i < 4 ? n - i : 4;
    *quarter = Join::join(*quarter, count == 4 ? map(lanes::load<F4>(x + i)) : map_some<Join>(x + i, count, map));
    i += count;
  }
  a = Join::join(Join::join(a, c), Join::join(b, d));
  a = Join::join(a, F4{simd::i32x4_shuffle<2, 3, 0, 1>(a.v, a.v)});
  a = Join::join(a, F4{simd::i32x4_shuffle<1, 0, 3, 2>(a.v, a.v)});
  return simd::f32x4_lane<0>(a.v);
}

template <class Join, class Map>
NC_LANE_INLINE float reduce_row__simd(const float* x, std::size_t n, const Map& map) {
  using lanes::F1;
  F1 total{Join::kIdentity};
  for (std::size_t from = 0; from < n; from += kRowBlock) {
    total = Join::join(total, F1{reduce_block__simd<Join>(x + from, std::min(n - from, kRowBlock), map)});
  }
  return total.v;
}

// Up to `rows` rows of kTile columns or fewer, joined to part[], ascending: four rows for one load and store of it.
template <class F, class Join, class Map>
NC_LANE_INLINE void join_rows(const float* x, std::size_t rows, std::size_t stride, std::size_t column, const Map& map,
                              float* part) {
  F sum = lanes::load<F>(part);
  if (rows == 4) {
    sum = Join::join(sum, map(lanes::load<F>(x), column));
    sum = Join::join(sum, map(lanes::load<F>(x + stride), column));
    sum = Join::join(sum, map(lanes::load<F>(x + 2 * stride), column));
    sum = Join::join(sum, map(lanes::load<F>(x + 3 * stride), column));
  } else {
    for (std::size_t row = 0; row < rows; ++row) sum = Join::join(sum, map(lanes::load<F>(x + row * stride), column));
  }
  lanes::store(part, sum);
}

template <class Join, class Map>
NC_LANE_INLINE void reduce_columns__simd(const float* x, std::size_t n, std::size_t width, std::size_t stride,
                                         const Map& map, float* y) {
  using lanes::F1, lanes::F4;
  constexpr std::size_t kTile = 1024;
  for (std::size_t first = 0; first < width; first += kTile) {
    const std::size_t columns = std::min(kTile, width - first);
    std::fill_n(y + first, columns, Join::kIdentity);
    for (std::size_t from = 0; from < n; from += kColumnBlock) {
      float part[kTile];
      std::fill_n(part, columns, Join::kIdentity);
      const std::size_t end = std::min(n, from + kColumnBlock);
      for (std::size_t row = from; row < end; row += 4) {
        const float* at = x + row * stride + first;
        const std::size_t rows = std::min<std::size_t>(4, end - row);
        std::size_t c = 0;
        for (; c + 4 <= columns; c += 4) join_rows<F4, Join>(at + c, rows, stride, first + c, map, part + c);
        for (; c < columns; ++c) join_rows<F1, Join>(at + c, rows, stride, first + c, map, part + c);
      }
      for (std::size_t c = 0; c < columns; ++c) y[first + c] = Join::join(F1{y[first + c]}, F1{part[c]}).v;
    }
  }
}

}  // namespace narrowcast::kernels::order
