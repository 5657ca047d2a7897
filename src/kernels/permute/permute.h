// Axes in another order, for elements of 1, 2, 4 or 8 bytes whatever they mean. Data at any address; y does not overlap
// x. Exact copies, so both variants agree by nature.
#pragma once

#include <cstddef>
#include <span>

namespace narrowcast::kernels {

// `batch` matrices of 4-byte elements: x (batch, rows, columns) -> y (batch, columns, rows).
void transpose_32__ref(const void* x, std::size_t batch, std::size_t rows, std::size_t columns, void* y);
void transpose_32__simd(const void* x, std::size_t batch, std::size_t rows, std::size_t columns, void* y);
inline void transpose_32(const void* x, std::size_t batch, std::size_t rows, std::size_t columns, void* y) {
  transpose_32__simd(x, batch, rows, columns, y);
}

// One matrix whose rows lie `x_step` elements apart in x and `y_step` apart in y: y[c * y_step + r] = x[r * x_step +
// c].
void transpose_strided_32(const void* x, std::size_t rows, std::size_t columns, std::size_t x_step, void* y,
                          std::size_t y_step);

// x of shape dims; y of shape dims[order[0]], dims[order[1]]...; `order` is a permutation of the axes. Axes that stay
// neighbours count as one, axes of length 1 as none; false, with y untouched, when more than kMaxPermutedAxes are left.
inline constexpr std::size_t kMaxPermutedAxes = 12;
bool permute__ref(const void* x, std::size_t element_bytes, std::span<const std::size_t> dims,
                  std::span<const std::size_t> order, void* y);
bool permute__simd(const void* x, std::size_t element_bytes, std::span<const std::size_t> dims,
                   std::span<const std::size_t> order, void* y);
inline bool permute(const void* x, std::size_t element_bytes, std::span<const std::size_t> dims,
                    std::span<const std::size_t> order, void* y) {
  return permute__simd(x, element_bytes, dims, order, y);
}

}  // namespace narrowcast::kernels
