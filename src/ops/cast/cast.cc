#include "kernels/half/half.h"
#include "ops/axes.h"
#include "ops/box.h"
#include "ops/cast/convert.h"
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

Status eval_cast(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const DType to = ctx.inferred(0).dtype;
  if (to == x.dtype) {
    ctx.share(0, x, x.shape, x.layout);
    return {};
  }
  if (!converts(x.dtype) || !converts(to)) {
    return fail(ErrorCode::unsupported, ctx.op().type + " from " + std::string(dtype_name(x.dtype)) + " to " +
                                            std::string(dtype_name(to)) + " does not run here.");
  }
  const bool packed = dtype_bits(x.dtype) < 8 || dtype_bits(to) < 8;
  if (packed && x.layout != Layout::plain) {
    return fail(ErrorCode::unsupported, ctx.op().type + " of 4-bit images does not run here.");
  }
  NC_TRY(Tensor* const y, ctx.make(0, to, x.shape, x.layout));
  if (x.dtype == DType::f32 && to == DType::f16) {
    kernels::convert_f32_f16(x.data, x.count(), y->writable<uint8_t>());
  } else if (x.dtype == DType::f16 && to == DType::f32) {
    kernels::convert_f16_f32(x.data, x.count(), y->writable<uint8_t>());
  } else {
    convert_elements(x, *y, ctx.op().int_or("saturate", 1) != 0);
  }
  return {};
}

Rule like_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}}}; }

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Cast",
     .first_version = 1,
     .last_version = 23,
     .infer = infer_onnx,
     .view = same_axes,
     .eval = eval_cast,
     .floats = Floats::all,
     .layouts = Layouts::follow},
    {.domain = "",
     .type = "CastLike",
     .first_version = 15,
     .last_version = 23,
     .infer = infer_cast_like,
     .rule = like_rule,
     .eval = eval_cast,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "CAST",
     .first_version = 1,
     .last_version = 6,
     .infer = infer_tflite,
     .view = same_axes,
     .eval = eval_cast,
     .floats = Floats::all},
};

}  // namespace

OpFamily cast_family() { return {"cast", "Converts the element type.", kOps}; }

}  // namespace narrowcast::ops
