#include "ops/axes.h"
#include "ops/elements.h"
#include "ops/eval.h"
#include "ops/fold.h"

namespace narrowcast::ops {
namespace {

Status infer(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), ctx.operand(0).type.shape);
  pass_ints(ctx, 0, 0);
  return {};
}

constexpr int kMaskIsBoolean = 10;

// The second result says what was kept; before opset 10 in the operand's type.
Status infer_dropout(InferContext& ctx) {
  const bool boolean = ctx.op().version >= kMaskIsBoolean;
  ctx.set(1, boolean ? DType::boolean : ctx.dtype(0), ctx.operand(0).type.shape);
  return infer(ctx);
}

Status eval_identity(EvalContext& ctx) {
  ctx.share(0, ctx.operand(0), ctx.operand(0).shape);
  return {};
}

// Nothing is dropped outside of training, and training is not run.
Status eval_dropout(EvalContext& ctx) {
  const bool trains =
      ctx.operand(2).dtype == DType::boolean && ctx.operand(2).count() > 0 && *ctx.data<uint8_t>(2) != 0;
  if (trains) return fail(ErrorCode::unsupported, "Dropout in training mode does not run here.");
  NC_CHECK(eval_identity(ctx));
  if (!ctx.wanted(1)) return {};
  NC_TRY(Tensor* const mask, ctx.make(1));
  for (std::size_t i = 0; i < mask->count(); ++i) store_real(*mask, i, 1);
  return {};
}

// The ratio and whether to train.
Rule dropout_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}}}; }

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Identity",
     .first_version = 1,
     .last_version = 23,
     .infer = infer,
     .view = same_axes,
     .eval = eval_identity,
     .floats = Floats::all},
    {.domain = "",
     .type = "Dropout",
     .first_version = 1,
     .last_version = 22,
     .infer = infer_dropout,
     .rule = dropout_rule,
     .eval = eval_dropout},
};

}  // namespace

OpFamily identity_family() { return {"identity", "Passes its operand on.", kOps}; }

}  // namespace narrowcast::ops
