// Matrix products of tensors, whatever op asks for them: the last two axes multiply, the others broadcast.
#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// A constant right operand, packed for the kernel, and a constant bias.
struct PackedRight final : Prepared {
  std::size_t batch = 1;
  std::size_t k = 0;
  std::size_t n = 0;
  std::vector<float> panels;  // [batch][packed_gemm_floats(n, k)]
  std::vector<float> bias;    // n, or none
};

// Operands as matrices: axes of size 1 stand in for what a vector lacks.
struct Product {
  const Tensor* a = nullptr;
  Shape a_shape;  // [..., m, k], or [..., k, m] when transposed
  bool transpose_a = false;
  const Tensor* b = nullptr;
  Shape b_shape;  // [..., k, n], or [..., n, k] when transposed
  bool transpose_b = false;
  float alpha = 1;                      // multiplied into b
  const float* bias = nullptr;          // n floats or null
  const PackedRight* packed = nullptr;  // instead of b's elements
};

// Packs b, its columns multiplied by alpha and, where given, by the affine's scale. `bias` may be empty; the affine's
// shift is added to it. Null when the affine is of another number of columns.
std::unique_ptr<PackedRight> pack_right(const Tensor& b, const Shape& shape, bool transpose, float alpha,
                                        std::vector<float> bias, const ChannelAffine* affine);

// y = a b + bias, finished by the epilogue; rows run over all matrices. Float32.
// Errors: out_of_memory; malformed when shapes do not fit.
Status multiply_f32(EvalContext& ctx, const Product& product, const kernels::Epilogue& epilogue, Tensor& y);

// The same for other types, in plain loops: integers wrap.
Status multiply_exact(const Product& product, Tensor& y);

}  // namespace narrowcast::ops
