#include "ops/axes.h"
#include "ops/fold.h"
#include "ops/onnx_type.h"
#include "ops/tflite_type.h"

namespace narrowcast::ops {
namespace {

void set_cast(InferContext& ctx, DType to) {
  ctx.set(0, to, ctx.operand(0).type.shape);
  if (const auto* ints = ctx.ints(0)) set_folded(ctx, 0, to, *ints);
}

// Before version 6, the type is a name.
Status infer_onnx(InferContext& ctx) {
  const AttributeValue* to = ctx.op().find("to");
  if (to != nullptr && std::holds_alternative<std::string>(*to)) {
    const DType named = ctx.op().string_or("to", "") == "FLOAT" ? DType::f32 : DType::unknown;
    set_cast(ctx, named);
  } else {
    set_cast(ctx, dtype_of_onnx_number(ctx.op().int_or("to", 0)));
  }
  return {};
}

Status infer_cast_like(InferContext& ctx) {
  set_cast(ctx, ctx.dtype(1));
  return {};
}

// The options are often left out: the result tensor's type stands in the file anyway.
Status infer_tflite(InferContext& ctx) {
  const bool stated = ctx.op().find("out_data_type") != nullptr;
  set_cast(ctx, stated ? dtype_of_tflite_number(ctx.op().int_or("out_data_type", 0)) : DType::unknown);
  return {};
}

Rule like_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}}}; }

constexpr OpDef kOps[] = {
    {.domain = "", .type = "Cast", .first_version = 1, .last_version = 23, .infer = infer_onnx, .view = same_axes},
    {.domain = "",
     .type = "CastLike",
     .first_version = 15,
     .last_version = 23,
     .infer = infer_cast_like,
     .rule = like_rule},
    {.domain = kTfliteDomain,
     .type = "CAST",
     .first_version = 1,
     .last_version = 6,
     .infer = infer_tflite,
     .view = same_axes},
};

}  // namespace

OpFamily cast_family() { return {"cast", "Converts the element type.", kOps}; }

}  // namespace narrowcast::ops
