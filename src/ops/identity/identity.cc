#include "ops/axes.h"
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

// The ratio and whether to train.
Rule dropout_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}}}; }

constexpr OpDef kOps[] = {
    {.domain = "", .type = "Identity", .first_version = 1, .last_version = 23, .infer = infer, .view = same_axes},
    {.domain = "",
     .type = "Dropout",
     .first_version = 1,
     .last_version = 22,
     .infer = infer_dropout,
     .rule = dropout_rule},
};

}  // namespace

OpFamily identity_family() { return {"identity", "Passes its operand on.", kOps}; }

}  // namespace narrowcast::ops
