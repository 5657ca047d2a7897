#include <algorithm>
#include <cstdint>
#include <cstring>

#include "kernels/permute/axes.h"
#include "kernels/simd.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

// Columns of a block: a line of the cache of every row, read while its 16 rows of y are at hand. Without blocks wide
// matrices collapse to a tenth of the speed.
constexpr std::size_t kBlock = 16;

template <class T>
void copy_one(const uint8_t* from, uint8_t* to) {
  std::memcpy(to, from, sizeof(T));
}

// A run of bytes; a call of memcpy costs more than a short one.
void copy_run(const uint8_t* from, std::size_t bytes, uint8_t* to) {
  if (bytes > 256) {
    std::memcpy(to, from, bytes);
    return;
  }
  std::size_t i = 0;
  for (; i + 16 <= bytes; i += 16) store(to + i, load(from + i));
  for (; i + 4 <= bytes; i += 4) copy_one<uint32_t>(from + i, to + i);
  for (; i < bytes; ++i) to[i] = from[i];
}

// Four by four elements of 4 bytes; steps in bytes.
void transpose_tile(const uint8_t* x, std::size_t x_step, uint8_t* y, std::size_t y_step) {
  const V r0 = load(x), r1 = load(x + x_step), r2 = load(x + 2 * x_step), r3 = load(x + 3 * x_step);
  const V low01 = i32x4_shuffle<0, 4, 1, 5>(r0, r1), high01 = i32x4_shuffle<2, 6, 3, 7>(r0, r1);
  const V low23 = i32x4_shuffle<0, 4, 1, 5>(r2, r3), high23 = i32x4_shuffle<2, 6, 3, 7>(r2, r3);
  store(y, i64x2_shuffle<0, 2>(low01, low23));
  store(y + y_step, i64x2_shuffle<1, 3>(low01, low23));
  store(y + 2 * y_step, i64x2_shuffle<0, 2>(high01, high23));
  store(y + 3 * y_step, i64x2_shuffle<1, 3>(high01, high23));
}

// y[c][r] = x[r][c] for what the tiles leave over, or for other sizes than 4 bytes; steps in bytes.
template <class T>
void transpose_scalar(const uint8_t* x, std::size_t rows, std::size_t columns, std::size_t x_step, uint8_t* y,
                      std::size_t y_step) {
  for (std::size_t c0 = 0; c0 < columns; c0 += kBlock) {
    const std::size_t end = std::min(columns, c0 + kBlock);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = c0; c < end; ++c) {
        copy_one<T>(x + r * x_step + c * sizeof(T), y + c * y_step + r * sizeof(T));
      }
    }
  }
}

void transpose_bytes_32(const uint8_t* x, std::size_t rows, std::size_t columns, std::size_t x_step, uint8_t* y,
                        std::size_t y_step) {
  const std::size_t whole_rows = rows / 4 * 4;
  const std::size_t whole_columns = columns / 4 * 4;
  for (std::size_t c0 = 0; c0 < whole_columns; c0 += kBlock) {
    const std::size_t end = std::min(whole_columns, c0 + kBlock);
    for (std::size_t r = 0; r < whole_rows; r += 4) {
      for (std::size_t c = c0; c < end; c += 4) {
        transpose_tile(x + r * x_step + 4 * c, x_step, y + c * y_step + 4 * r, y_step);
      }
    }
  }
  transpose_scalar<uint32_t>(x + 4 * whole_columns, whole_rows, columns - whole_columns, x_step,
                             y + whole_columns * y_step, y_step);
  transpose_scalar<uint32_t>(x + whole_rows * x_step, rows - whole_rows, columns, x_step, y + 4 * whole_rows, y_step);
}

using Matrix = void (*)(const uint8_t* x, std::size_t rows, std::size_t columns, std::size_t x_step, uint8_t* y,
                        std::size_t y_step);

Matrix matrix_of(std::size_t element_bytes) {
  switch (element_bytes) {
    case 1:
      return transpose_scalar<uint8_t>;
    case 2:
      return transpose_scalar<uint16_t>;
    case 4:
      return transpose_bytes_32;
    default:
      return transpose_scalar<uint64_t>;
  }
}

// Calls visit(offset in x, offset in y) for every coordinate of the first `count` axes but the one left out.
template <class Visit>
void walk_axes(const PermutedAxes& axes, std::size_t count, std::size_t left_out, const Visit& visit) {
  std::array<std::size_t, kMaxPermutedAxes> at{};
  std::size_t from = 0;
  std::size_t to = 0;
  for (;;) {
    visit(from, to);
    std::size_t i = count;
    while (i > 0) {
      --i;
      if (i != left_out) {
        const PermutedAxes::Axis& axis = axes.axis[i];
        from += axis.x_step;
        to += axis.y_step;
        if (++at[i] < axis.length) break;
        from -= axis.length * axis.x_step;
        to -= axis.length * axis.y_step;
        at[i] = 0;
      }
      if (i == 0) return;  // every axis went round
    }
    if (count == 0) return;
  }
}

// The last axis is contiguous in both; the one before it, if any, is the inner loop.
void copy_runs(const uint8_t* x, std::size_t element_bytes, const PermutedAxes& axes, uint8_t* y) {
  const std::size_t last = axes.count - 1;
  const std::size_t run = axes.axis[last].length * element_bytes;
  if (last == 0) {
    std::memcpy(y, x, run);
    return;
  }
  const PermutedAxes::Axis& rows = axes.axis[last - 1];
  walk_axes(axes, last - 1, axes.count, [&](std::size_t source, std::size_t target) {
    const uint8_t* from = x + source * element_bytes;
    uint8_t* to = y + target * element_bytes;
    for (std::size_t row = 0; row < rows.length; ++row) {
      copy_run(from, run, to);
      from += rows.x_step * element_bytes;
      to += rows.y_step * element_bytes;
    }
  });
}

// The last axis of x and that of y make matrices: rows along y's, columns along x's.
void copy_matrices(const uint8_t* x, std::size_t element_bytes, const PermutedAxes& axes, uint8_t* y) {
  const std::size_t last = axes.count - 1;
  std::size_t across = 0;
  while (axes.axis[across].x_step != 1) ++across;
  const Matrix matrix = matrix_of(element_bytes);
  walk_axes(axes, last, across, [&](std::size_t source, std::size_t target) {
    matrix(x + source * element_bytes, axes.axis[last].length, axes.axis[across].length,
           axes.axis[last].x_step * element_bytes, y + target * element_bytes,
           axes.axis[across].y_step * element_bytes);
  });
}

}  // namespace

void transpose_strided_32(const void* x, std::size_t rows, std::size_t columns, std::size_t x_step, void* y,
                          std::size_t y_step) {
  transpose_bytes_32(static_cast<const uint8_t*>(x), rows, columns, 4 * x_step, static_cast<uint8_t*>(y), 4 * y_step);
}

void transpose_32__simd(const void* x, std::size_t batch, std::size_t rows, std::size_t columns, void* y) {
  for (std::size_t b = 0; b < batch; ++b) {
    const std::size_t offset = 4 * b * rows * columns;
    transpose_bytes_32(static_cast<const uint8_t*>(x) + offset, rows, columns, 4 * columns,
                       static_cast<uint8_t*>(y) + offset, 4 * rows);
  }
}

bool permute__simd(const void* x, std::size_t element_bytes, std::span<const std::size_t> dims,
                   std::span<const std::size_t> order, void* y) {
  PermutedAxes axes;
  if (!merge_axes(dims, order, axes)) return false;
  if (axes.empty) return true;
  const auto* from = static_cast<const uint8_t*>(x);
  auto* to = static_cast<uint8_t*>(y);
  if (axes.count == 0) {
    std::memcpy(to, from, element_bytes);
    return true;
  }
  if (axes.axis[axes.count - 1].x_step == 1) {
    copy_runs(from, element_bytes, axes, to);
  } else {
    copy_matrices(from, element_bytes, axes, to);
  }
  return true;
}

}  // namespace narrowcast::kernels
