#include "ops/elementwise.h"
#include "ops/lift.h"
#include "ops/scatter/scatter_eval.h"

namespace narrowcast::ops {
namespace {

Rule indices_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}, {Role::data, {}}}}; }

// TFLite's SCATTER_ND starts from zeros of the shape in its third operand.
Status infer_scatter_nd_tflite(InferContext& ctx) {
  ctx.set(0, ctx.dtype(1), std::nullopt);
  if (const auto* shape = ctx.ints(2)) ctx.set(0, ctx.dtype(1), Shape(*shape));
  return {};
}

Rule scatter_nd_rule(const RuleQuery&) { return {{{Role::plain, {}}, {Role::data, {}}, {Role::plain, {}}}}; }

constexpr OpDef onnx(std::string_view type, int first, int last, Status (*eval)(EvalContext&)) {
  return {.domain = "",
          .type = type,
          .first_version = first,
          .last_version = last,
          .infer = infer_like_first,
          .rule = indices_rule,
          .eval = eval,
          .floats = Floats::f32_f64};
}

Status lift_scatter(LiftContext& ctx) {
  ctx.rename("ScatterElements");
  return {};
}

constexpr LiftStep kScatterLifts[] = {{11, lift_scatter}};

constexpr OpDef kOps[] = {
    with_lifts(onnx("Scatter", 9, 11, eval_scatter_elements), kScatterLifts),
    onnx("ScatterElements", 11, 18, eval_scatter_elements),
    onnx("ScatterND", 11, 18, eval_scatter_nd),
    {.domain = kTfliteDomain,
     .type = "DYNAMIC_UPDATE_SLICE",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_like_first,
     .eval = eval_dynamic_update_slice,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "SCATTER_ND",
     .first_version = 1,
     .last_version = 1,
     .infer = infer_scatter_nd_tflite,
     .rule = scatter_nd_rule,
     .eval = eval_scatter_nd_tflite,
     .floats = Floats::f32_f64},
};

}  // namespace

OpFamily scatter_family() { return {"scatter", "Writes entries by index into a copy.", kOps}; }

}  // namespace narrowcast::ops
