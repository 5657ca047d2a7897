// What the vector variants of matrix kernels share: a register tile, loads and stores of less than a vector, and the
// pragmas that keep loops as they are written. Measured in V8: a loop body may hold at most 14 live vectors, all its
// loads among them, so the loop over k stays rolled and the tile is four rows by eight columns.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/epilogue.h"
#include "kernels/simd.h"

#if defined(__clang__)
#define NC_ROLLED _Pragma("clang loop unroll(disable)")
#define NC_UNROLLED _Pragma("clang loop unroll(full)")
#else
#define NC_ROLLED _Pragma("GCC unroll 1")
#define NC_UNROLLED _Pragma("GCC unroll 16")
#endif
#define NC_INLINE [[gnu::always_inline]] inline

namespace narrowcast::kernels::simd {

inline constexpr std::size_t kPanel = 8;  // columns of a panel of packed weights
inline constexpr std::size_t kTileRows = 4;

// The first `count` lanes, 0..4; the others are 0. Reads no further.
inline V load_first(const float* from, std::size_t count) {
  if (count >= 4) return load(from);
  float lanes[4] = {};
  for (std::size_t i = 0; i < count; ++i) lanes[i] = from[i];
  return load(lanes);
}

// Writes the first `count` lanes, 0..4, and nothing else.
inline void store_first(float* to, V a, std::size_t count) {
  if (count >= 4) return store(to, a);
  if (count & 2) {
    store64_lane<0>(to, a);
    a = i64x2_shuffle<1, 1>(a, a);
    to += 2;
  }
  if (count & 1) store32_lane<0>(to, a);
}

NC_INLINE V clamp_lanes(V y, V lo, V hi) { return f32x4_pmin(f32x4_pmax(y, lo), hi); }
NC_INLINE V multiply_add(V sum, V a, V b) { return f32x4_add(sum, f32x4_mul(a, b)); }

// Up to eight biases of a panel, 0 beyond `columns` or where there are none: reads exactly `columns` floats.
struct PanelBias {
  float values[kPanel] = {};
  PanelBias(const float* bias, std::size_t columns) {
    for (std::size_t i = 0; bias && i < columns && i < kPanel; ++i) values[i] = bias[i];
  }
};

// Vectors that a panel of `columns` columns is wide: panels of four or fewer are packed four wide.
constexpr std::size_t panel_vectors(std::size_t columns) { return columns <= 4 ? 1 : 2; }

template <int rows, int vectors>
struct Tile {
  V sums[rows][vectors];

  NC_INLINE explicit Tile(const float* bias) {
    NC_UNROLLED for (int j = 0; j < vectors; ++j) {
      const V start = load(bias + 4 * j);
      NC_UNROLLED for (int i = 0; i < rows; ++i) sums[i][j] = start;
    }
  }

  // Adds k products: row i of the left side is at a + i * lda, the panel b is [k][4 * vectors].
  NC_INLINE void add(std::size_t k_count, const float* a, std::size_t lda, const float* b) {
    NC_ROLLED for (std::size_t k = 0; k < k_count; ++k) {
      V weights[vectors];
      NC_UNROLLED for (int j = 0; j < vectors; ++j) weights[j] = load(b + k * 4 * vectors + 4 * j);
      NC_UNROLLED for (int i = 0; i < rows; ++i) {
        const V left = load32_splat(a + i * lda + k);
        NC_UNROLLED for (int j = 0; j < vectors; ++j) sums[i][j] = multiply_add(sums[i][j], left, weights[j]);
      }
    }
  }

  // The same for rows that lie anywhere.
  struct Rows {
    const float* at[rows];
  };
  NC_INLINE void add_rows(std::size_t k_count, Rows a, const float* b) {
    NC_ROLLED for (std::size_t k = 0; k < k_count; ++k) {
      V weights[vectors];
      NC_UNROLLED for (int j = 0; j < vectors; ++j) weights[j] = load(b + k * 4 * vectors + 4 * j);
      NC_UNROLLED for (int i = 0; i < rows; ++i) {
        const V left = load32_splat(a.at[i] + k);
        NC_UNROLLED for (int j = 0; j < vectors; ++j) sums[i][j] = multiply_add(sums[i][j], left, weights[j]);
      }
    }
  }

  // The same where product k's left side is `offsets[k]` floats on.
  NC_INLINE void add_offsets(std::size_t k_count, Rows a, const int32_t* offsets, const float* b) {
    NC_ROLLED for (std::size_t k = 0; k < k_count; ++k) {
      const std::ptrdiff_t offset = offsets[k];
      V weights[vectors];
      NC_UNROLLED for (int j = 0; j < vectors; ++j) weights[j] = load(b + k * 4 * vectors + 4 * j);
      NC_UNROLLED for (int i = 0; i < rows; ++i) {
        const V left = load32_splat(a.at[i] + offset);
        NC_UNROLLED for (int j = 0; j < vectors; ++j) sums[i][j] = multiply_add(sums[i][j], left, weights[j]);
      }
    }
  }

  // Stores the first `row_count` rows, the first `columns` columns of each (more than 4 * (vectors - 1)).
  NC_INLINE void put(float* c, std::size_t ldc, std::size_t row_count, std::size_t columns, Clamp clamp) const {
    const V lo = f32x4_splat(clamp.lo);
    const V hi = f32x4_splat(clamp.hi);
    const std::size_t last = columns - 4 * (vectors - 1);
    NC_UNROLLED for (int i = 0; i < rows; ++i) {
      if (static_cast<std::size_t>(i) >= row_count) return;
      if constexpr (vectors == 2) store(c + i * ldc, clamp_lanes(sums[i][0], lo, hi));
      store_first(c + i * ldc + 4 * (vectors - 1), clamp_lanes(sums[i][vectors - 1], lo, hi), last);
    }
  }
  NC_INLINE void put_whole(float* c, std::size_t ldc, Clamp clamp) const {
    const V lo = f32x4_splat(clamp.lo);
    const V hi = f32x4_splat(clamp.hi);
    NC_UNROLLED for (int i = 0; i < rows; ++i) {
      NC_UNROLLED for (int j = 0; j < vectors; ++j) store(c + i * ldc + 4 * j, clamp_lanes(sums[i][j], lo, hi));
    }
  }
};

}  // namespace narrowcast::kernels::simd
