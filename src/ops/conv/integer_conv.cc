#include "ops/conv/integer_conv.h"

#include <algorithm>

#include "ops/box.h"
#include "ops/conv/conv_nd.h"
#include "ops/elements.h"
#include "ops/matmul/integer_product.h"

namespace narrowcast::ops {
namespace {

// Operand slots.
struct Sides {
  std::size_t x, x_zero, w, w_zero, bias;
};

// y: int32.
Status convolve_codes(EvalContext& ctx, const Sides& sides, Tensor& y) {
  const Shape& x_shape = ctx.operand(sides.x).shape;
  const Shape& w_shape = ctx.operand(sides.w).shape;
  const int64_t groups = std::max<int64_t>(ctx.op().int_or("group", 1), 1);
  if (w_shape.size() < 3 || x_shape.size() != w_shape.size() || x_shape[1] / groups != w_shape[1] ||
      x_shape[1] % groups != 0 || w_shape[0] % groups != 0) {
    return fail(ErrorCode::malformed,
                ctx.op().type + ": shapes " + shape_text(x_shape) + " and " + shape_text(w_shape) + " do not fit.");
  }
  Window window = read_window(ctx.op(), Shape(w_shape.begin() + 2, w_shape.end()));
  resolve_pads(window, x_shape, y.shape);
  if (ctx.ints(sides.x_zero).size() > 1) {
    return fail(ErrorCode::unsupported, ctx.op().type + " with several zero points of the input does not run here.");
  }
  NC_TRY(const Tensor x, without_zero_point(ctx, sides.x, sides.x_zero, 1));
  NC_TRY(const Tensor w, without_zero_point(ctx, sides.w, sides.w_zero, 0));
  const uint32_t* bias = nullptr;
  if (ctx.present(sides.bias)) {
    const Tensor& stated = ctx.operand(sides.bias);
    if (stated.dtype != DType::i32 || stated.count() != static_cast<std::size_t>(w_shape[0])) {
      return fail(ErrorCode::malformed, ctx.op().type + ": the bias does not fit the weight.");
    }
    bias = stated.as<uint32_t>();
  }
  conv_nd(x, w, bias, window, static_cast<std::size_t>(groups), y);
  return {};
}

}  // namespace

Status eval_conv_integer(EvalContext& ctx) {
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  NC_TRY(Tensor* const y, ctx.make(0));
  return convolve_codes(ctx, {0, 2, 1, 3, SIZE_MAX}, *y);
}

Status eval_qlinear_conv(EvalContext& ctx) {
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  NC_TRY(const ResultCodes codes, read_result_codes(ctx, 6, 7));
  NC_TRY(Tensor* const y, ctx.make(0));
  NC_TRY(uint8_t* const bytes, ctx.scratch(y->count() * sizeof(int32_t)));
  Tensor sums{DType::i32, Layout::plain, shape, {}, bytes};
  NC_CHECK(convolve_codes(ctx, {0, 2, 3, 5, 8}, sums));
  const auto channels = static_cast<std::size_t>(shape[1]);
  NC_TRY(const std::vector<float> of_x, read_factors(ctx, 1, 1));
  NC_TRY(const std::vector<float> of_w, read_factors(ctx, 4, channels));
  const std::size_t plane = y->count() / std::max<std::size_t>(static_cast<std::size_t>(shape[0]) * channels, 1);
  for (std::size_t i = 0; i < y->count(); ++i) {
    const float factor = of_x[0] * of_w[i / plane % channels] / codes.scale;
    store_int(*y, i, codes.code(sums.as<int32_t>()[i], factor));
  }
  return {};
}

}  // namespace narrowcast::ops
