#include "ops/matmul/integer_matmul.h"

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

}  // namespace narrowcast::ops
