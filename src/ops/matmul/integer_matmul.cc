#include "ops/matmul/integer_matmul.h"

#include "ops/broadcast.h"
#include "ops/elements.h"
#include "ops/matmul/integer_product.h"
#include "ops/matmul/product.h"

namespace narrowcast::ops {
namespace {

// Operand slots: codes and zero point of either side.
struct Sides {
  std::size_t a, a_zero, b, b_zero;
};

Status multiply_codes(EvalContext& ctx, const Sides& sides, Tensor& y) {
  const Shape& a_shape = ctx.operand(sides.a).shape;
  const Shape& b_shape = ctx.operand(sides.b).shape;
  if (a_shape.empty() || b_shape.empty())
    return fail(ErrorCode::malformed, ctx.op().type + ": an operand is a scalar.");
  // Rows of a and columns of b; a vector has one.
  const std::size_t row = a_shape.size() == 1 ? a_shape.size() : a_shape.size() - 2;
  const std::size_t column = b_shape.size() == 1 ? b_shape.size() : b_shape.size() - 1;
  NC_TRY(const Tensor a, without_zero_point(ctx, sides.a, sides.a_zero, row));
  NC_TRY(const Tensor b, without_zero_point(ctx, sides.b, sides.b_zero, column));
  return multiply_exact({.a = &a,
                         .a_shape = a_shape.size() == 1 ? Shape{1, a_shape[0]} : a_shape,
                         .b = &b,
                         .b_shape = b_shape.size() == 1 ? Shape{b_shape[0], 1} : b_shape},
                        y);
}

// A matrix of int32 with its axes swapped, in scratch.
Result<Tensor> turned(EvalContext& ctx, const Tensor& matrix) {
  const auto rows = static_cast<std::size_t>(matrix.shape[0]);
  const auto columns = static_cast<std::size_t>(matrix.shape[1]);
  NC_TRY(uint8_t* const bytes, ctx.scratch(matrix.count() * sizeof(int32_t)));
  auto* const out = reinterpret_cast<int32_t*>(bytes);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) out[c * rows + r] = matrix.as<int32_t>()[r * columns + c];
  }
  return Tensor{DType::i32, Layout::plain, {matrix.shape[1], matrix.shape[0]}, {}, bytes};
}

// Adds a bias that is stretched over the sums, wrapping as int32 does.
Status add_bias(const EvalContext& ctx, std::size_t slot, const Tensor& sums) {
  const Tensor& bias = ctx.operand(slot);
  if (bias.dtype != DType::i32 || !stretches(bias.shape, sums.shape)) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the bias is no int32 that fits the result.");
  }
  const auto columns = static_cast<std::size_t>(sums.shape[1]);
  const bool by_column = !bias.shape.empty() && bias.shape.back() != 1;
  const bool by_row = bias.rank() == 2 && bias.shape[0] != 1;
  const std::size_t step = by_row ? static_cast<std::size_t>(bias.shape[1]) : 0;
  for (std::size_t i = 0; i < sums.count(); ++i) {
    const std::size_t at = i / columns * step + (by_column ? i % columns : 0);
    const auto wrapped = static_cast<uint32_t>(sums.as<int32_t>()[i]) + static_cast<uint32_t>(bias.as<int32_t>()[at]);
    sums.writable<int32_t>()[i] = static_cast<int32_t>(wrapped);
  }
  return {};
}

}  // namespace

Status eval_matmul_integer(EvalContext& ctx) {
  NC_TRY(Tensor* const y, ctx.make(0));
  return multiply_codes(ctx, {0, 2, 1, 3}, *y);
}

Status eval_qlinear_matmul(EvalContext& ctx) {
  NC_TRY(const ResultCodes codes, read_result_codes(ctx, 6, 7));
  NC_TRY(Tensor* const y, ctx.make(0));
  NC_TRY(uint8_t* const bytes, ctx.scratch(y->count() * sizeof(int32_t)));
  Tensor sums{DType::i32, Layout::plain, y->shape, {}, bytes};
  NC_CHECK(multiply_codes(ctx, {0, 2, 3, 5}, sums));
  const Shape& a_shape = ctx.operand(0).shape;
  const Shape& b_shape = ctx.operand(3).shape;
  const std::size_t rows = a_shape.size() == 1 ? 1 : static_cast<std::size_t>(a_shape[a_shape.size() - 2]);
  const std::size_t columns = b_shape.size() == 1 ? 1 : static_cast<std::size_t>(b_shape.back());
  NC_TRY(const std::vector<float> of_a, read_factors(ctx, 1, rows));
  NC_TRY(const std::vector<float> of_b, read_factors(ctx, 4, columns));
  for (std::size_t i = 0; i < y->count(); ++i) {
    const float factor = of_a[i / columns % rows] * of_b[i % columns] / codes.scale;
    store_int(*y, i, codes.code(sums.as<int32_t>()[i], factor));
  }
  return {};
}

Status eval_qgemm(EvalContext& ctx) {
  constexpr std::size_t kNoAxis = 2;
  constexpr std::size_t kBias = 6;
  const RawOp& op = ctx.op();
  const bool trans_b = op.int_or("transB", 0) != 0;
  if (ctx.operand(0).rank() != 2 || ctx.operand(3).rank() != 2) {
    return fail(ErrorCode::malformed, "QGemm: an operand is not a matrix.");
  }
  NC_TRY(const ResultCodes codes, read_result_codes(ctx, 7, 8));
  NC_TRY(Tensor a, without_zero_point(ctx, 0, 2, kNoAxis));
  NC_TRY(Tensor b, without_zero_point(ctx, 3, 5, trans_b ? 0 : 1));
  if (op.int_or("transA", 0) != 0) {
    NC_TRY(a, turned(ctx, a));
  }
  if (trans_b) {
    NC_TRY(b, turned(ctx, b));
  }
  NC_TRY(Tensor* const y, ctx.make(0));
  NC_TRY(uint8_t* const bytes, ctx.scratch(y->count() * sizeof(int32_t)));
  Tensor sums{DType::i32, Layout::plain, y->shape, {}, bytes};
  NC_CHECK(multiply_exact({.a = &a, .a_shape = a.shape, .b = &b, .b_shape = b.shape}, sums));
  if (ctx.present(kBias)) NC_CHECK(add_bias(ctx, kBias, sums));
  const auto columns = static_cast<std::size_t>(b.shape[1]);
  NC_TRY(const std::vector<float> of_a, read_factors(ctx, 1, 1));
  NC_TRY(const std::vector<float> of_b, read_factors(ctx, 4, columns));
  const float alpha = op.float_or("alpha", 1);
  for (std::size_t i = 0; i < y->count(); ++i) {
    const float factor = alpha * of_a[0] * of_b[i % columns] / codes.scale;
    store_int(*y, i, codes.code(sums.as<int32_t>()[i], factor));
  }
  return {};
}

}  // namespace narrowcast::ops
