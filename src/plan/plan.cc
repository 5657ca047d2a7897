#include "plan/plan.h"

#include <algorithm>

#include "plan/half_planner.h"
#include "plan/integer_planner.h"
#include "plan/tflite_planner.h"
#include "plan/weight_planner.h"

namespace narrowcast {

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::quantized:
      return "quantized";
    case Verdict::left_float:
      return "float";
    case Verdict::refused:
      return "refused";
  }
  return "";
}

std::string_view cut_name(Cut cut) {
  switch (cut) {
    case Cut::per_tensor:
      return "per_tensor";
    case Cut::per_channel:
      return "per_channel";
    case Cut::per_block:
      return "per_block";
  }
  return "";
}

bool is_quantized(const Graph& graph) {
  constexpr std::string_view kOps[] = {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearConv",
                                       "QLinearMatMul",  "MatMulInteger",    "ConvInteger",           "MatMulNBits",
                                       "QGemm",          "QUANTIZE"};
  const auto is_quant_op = [&](const Node& node) { return std::ranges::find(kOps, node.op.type) != std::end(kOps); };
  const auto has_scale = [](const Value& value) {
    return value.quant && !value.quant->scales.empty() && value.type.dtype != DType::f32;
  };
  return std::ranges::any_of(graph.nodes, is_quant_op) || std::ranges::any_of(graph.values, has_scale);
}

Result<Plan> make_plan(const Model& model, const Recipe& recipe, const KnownRanges& ranges) {
  const PlanContext context(model, recipe);
  if (recipe.io == DType::f16 && !computes_in_half(model, recipe)) {
    return fail(ErrorCode::usage, "Inputs and outputs become float16 where a whole ONNX graph does: in mode float16.",
                "io");
  }
  const bool is_half = computes_in_half(model, recipe);
  const bool is_tflite = context.capability.is_tflite;
  NC_TRY(Plan plan, is_integer(recipe.mode)
                        ? (is_tflite ? plan_tflite(context, ranges) : plan_integers(context, ranges))
                    : is_half ? plan_half(context)
                              : plan_weights(context));
  if (recipe.mode == Mode::float16 && !recipe.storage && !model.functions.empty()) {
    plan.warnings.emplace_back("The model defines ops of its own: its constants alone are stored as float16.");
  }
  plan.already_quantized = is_quantized(model.graph);
  for (NodeVerdict& verdict : plan.nodes) verdict.name = model.graph.label(verdict.node);
  for (std::string& warning : context.rules.warnings()) plan.warnings.push_back(std::move(warning));
  if (!context.warning.empty()) plan.warnings.insert(plan.warnings.begin(), context.warning);
  return plan;
}

Result<std::vector<ValueId>> watched_values(const Model& model, const Recipe& recipe) {
  if (!is_integer(recipe.mode)) return std::vector<ValueId>{};
  const PlanContext context(model, recipe);
  return context.capability.is_tflite ? watch_for_tflite(context) : watch_for_integers(context);
}

}  // namespace narrowcast
