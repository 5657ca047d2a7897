#include "ops/elementwise.h"

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

constexpr OpDef onnx(std::string_view type, int first, int last) {
  return {.domain = "",
          .type = type,
          .first_version = first,
          .last_version = last,
          .infer = infer_like_first,
          .rule = indices_rule};
}

constexpr OpDef kOps[] = {
    onnx("Scatter", 9, 11),
    onnx("ScatterElements", 11, 18),
    onnx("ScatterND", 11, 18),
    {.domain = kTfliteDomain,
     .type = "DYNAMIC_UPDATE_SLICE",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_like_first},
    {.domain = kTfliteDomain,
     .type = "SCATTER_ND",
     .first_version = 1,
     .last_version = 1,
     .infer = infer_scatter_nd_tflite,
     .rule = scatter_nd_rule},
};

}  // namespace

OpFamily scatter_family() { return {"scatter", "Writes entries by index into a copy.", kOps}; }

}  // namespace narrowcast::ops
