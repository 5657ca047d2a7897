// C = A B + bias, float32, B packed once for many products.
// The sum's order is part of the result: c = bias[n] (0 without bias); for k ascending: c = c + a[k] * b[k], product
// and sum rounded each; then the epilogue. NaN and infinity go through the arithmetic (which NaN is nobody's promise).
#pragma once

#include <cstddef>

#include "kernels/epilogue.h"

namespace narrowcast::kernels {

// Panels of eight columns [ceil(n / 8)][k][8]; the last one is [k][4] when n % 8 is 1..4; missing columns are 0.
// Panel p starts at float 8 * k * p.
constexpr std::size_t packed_gemm_floats(std::size_t n, std::size_t k) {
  const std::size_t tail = n % 8;
  return (n - tail + (tail == 0 ? 0 : tail <= 4 ? 4 : 8)) * k;
}
constexpr std::size_t packed_gemm_index(std::size_t n, std::size_t k, std::size_t column, std::size_t row) {
  const std::size_t first = column / 8 * 8;
  return first * k + row * (n - first <= 4 ? 4 : 8) + (column - first);
}

// Packs B: element (row of k, column of n) is b[row * row_stride + column * column_stride], strides in floats, any
// alignment; so both [k][n] (n, 1) and [n][k] (1, k) do. Columns are multiplied by scale[n], if not null.
// packed: packed_gemm_floats(n, k).
void pack_gemm_f32(const void* b, std::size_t n, std::size_t k, std::size_t row_stride, std::size_t column_stride,
                   const float* scale, float* packed);

// a: m rows of k floats, row i at a + i * lda. packed: see above. bias: n floats (not one more is read) or null.
// c: m rows of n floats, row i at c + i * ldc, apart from the inputs; what lies between the rows is not touched.
void gemm_f32__ref(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* packed,
                   const float* bias, float* c, std::size_t ldc, const Epilogue& epilogue);
void gemm_f32__simd(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* packed,
                    const float* bias, float* c, std::size_t ldc, const Epilogue& epilogue);
inline void gemm_f32(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* packed,
                     const float* bias, float* c, std::size_t ldc, const Epilogue& epilogue) {
  gemm_f32__simd(m, n, k, a, lda, packed, bias, c, ldc, epilogue);
}

}  // namespace narrowcast::kernels
