#include "ops/axes.h"
#include "ops/elements.h"
#include "ops/eval.h"
#include "ops/fold.h"
#include "ops/lift.h"
#include "ops/onnx_type.h"

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

constexpr int kRatioIsOperand = 12;

Status lift_mask(LiftContext& ctx) {
  const ValueFact& x = ctx.operand(0);
  if (!ctx.is_read(1)) return {};
  const int64_t type = onnx_number_of_dtype(x.type.dtype);
  if (type == 0) return fail(ErrorCode::unsupported, "the type of its mask is not known");
  ctx.append(1, {DType::boolean, x.type.shape}, "Cast", {}, {{"to", type}});
  return {};
}

// It counts in training alone.
Status lift_ratio(LiftContext& ctx) {
  ctx.drop_attribute("ratio");
  return {};
}

constexpr LiftStep kDropoutLifts[] = {{kMaskIsBoolean, lift_mask}, {kRatioIsOperand, lift_ratio}};

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
     .eval = eval_dropout,
     .lifts = kDropoutLifts},
};

}  // namespace

OpFamily identity_family() { return {"identity", "Passes its operand on.", kOps}; }

}  // namespace narrowcast::ops
