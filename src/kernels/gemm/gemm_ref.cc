#include "kernels/gemm/gemm.h"

namespace narrowcast::kernels {

void gemm_f32__ref(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* packed,
                   const float* bias, float* c, std::size_t ldc, const Epilogue& epilogue) {
  for (std::size_t row = 0; row < m; ++row) {
    for (std::size_t column = 0; column < n; ++column) {
      float sum = bias ? bias[column] : 0;
      for (std::size_t i = 0; i < k; ++i) sum = sum + a[row * lda + i] * packed[packed_gemm_index(n, k, column, i)];
      c[row * ldc + column] = clamp_one(sum, epilogue.clamp);
    }
  }
  if (epilogue.finish && m > 0) epilogue.finish(epilogue.context, c, 0, m);
}

}  // namespace narrowcast::kernels
