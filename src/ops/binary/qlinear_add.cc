#include "ops/binary/qlinear_add.h"

#include "ops/broadcast.h"
#include "ops/elements.h"
#include "ops/matmul/integer_product.h"
#include "ops/strides.h"

namespace narrowcast::ops {
namespace {

// What a code counts for in the result's own steps.
struct Steps {
  const Tensor* codes = nullptr;
  int64_t zero_point = 0;
  float factor = 1;

  [[nodiscard]] float operator()(std::size_t i) const {
    return static_cast<float>(load_int(*codes, i) - zero_point) * factor;
  }
};

Result<Steps> read_steps(EvalContext& ctx, std::size_t slot, float result_scale) {
  const Tensor& codes = ctx.operand(slot);
  if (codes.dtype != DType::u8 && codes.dtype != DType::i8) {
    return fail(ErrorCode::unsupported,
                "QLinearAdd of " + std::string(dtype_name(codes.dtype)) + " does not run here.");
  }
  NC_TRY(const std::vector<float> scale, read_factors(ctx, slot + 1, 1));
  const std::vector<int64_t> zero_point = ctx.ints(slot + 2);
  return Steps{&codes, zero_point.empty() ? 0 : zero_point[0], scale[0] / result_scale};
}

}  // namespace

Status infer_qlinear_add(InferContext& ctx) {
  const DType dtype = ctx.dtype(0);
  ctx.set(0, dtype, std::nullopt);
  if (ctx.shape(0) == nullptr || ctx.shape(3) == nullptr) return {};
  NC_TRY(Shape shape, broadcast(*ctx.shape(0), *ctx.shape(3)));
  ctx.set(0, dtype, std::move(shape));
  return {};
}

Status eval_qlinear_add(EvalContext& ctx) {
  NC_TRY(const ResultCodes result, read_result_codes(ctx, 6, 7));
  NC_TRY(const Steps a, read_steps(ctx, 0, result.scale));
  NC_TRY(const Steps b, read_steps(ctx, 3, result.scale));
  NC_TRY(Tensor* const y, ctx.make(0));
  if (!stretches(a.codes->shape, y->shape) || !stretches(b.codes->shape, y->shape)) {
    return fail(ErrorCode::malformed, "QLinearAdd: the operands' shapes do not fit.");
  }
  const BroadcastWalk walk(y->shape, {&a.codes->shape, &b.codes->shape});
  walk.for_each([&](std::size_t to, const auto& offsets) {
    for (std::size_t i = 0; i < walk.run_length(); ++i) {
      const float sum = a(offsets[0] + (walk.steps(0) ? i : 0)) + b(offsets[1] + (walk.steps(1) ? i : 0));
      store_int(*y, to + i, result.code(sum));
    }
  });
  return {};
}

}  // namespace narrowcast::ops
