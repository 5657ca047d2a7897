#include "plan/dynamic_form.h"

#include <algorithm>
#include <limits>

#include "passes/float_constant.h"
#include "plan/target.h"

namespace narrowcast {
namespace {

constexpr int64_t kFirstWithDynamicQuantizeLinear = 11;

bool is_transposed(const Node& node) { return node.op.type == "Gemm" && node.op.int_or("transB", 0) != 0; }

// MatMulInteger multiplies matrices as they are: no factors, and a bias is added behind it.
bool is_product(const PlanContext& context, const Use& use) {
  const Node& node = context.graph()[use.node];
  if (use.slot != 1 || !node.op.domain.empty() || context.type(node.inputs[0]).dtype != DType::f32) return false;
  if (node.op.type == "MatMul") return true;
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2];
  return node.op.type == "Gemm" && node.op.int_or("transA", 0) == 0 && node.op.float_or("alpha", 1) == 1 &&
         (!has_bias || node.op.float_or("beta", 1) == 1);
}

bool is_embedding(const PlanContext& context, const Use& use) {
  const Node& node = context.graph()[use.node];
  return use.slot == 0 && node.op.domain.empty() && node.op.type == "Gather" && node.op.int_or("axis", 0) == 0;
}

// What ConvInteger takes: one zero point for all, so symmetric codes; a bias that is known is added behind it.
bool is_convolution(const PlanContext& context, const WeightPlan& weight, const Use& use) {
  const Graph& graph = context.graph();
  const Node& node = graph[use.node];
  const Target* target = find_target(context.recipe.target, "onnx");
  const int64_t least = target == nullptr ? 0 : target->dynamic_convolution_sums;
  const Shape& shape = graph[weight.source].constant->shape;
  if (least == 0 || use.slot != 1 || !node.op.domain.empty() || node.op.type != "Conv" || weight.dtype != DType::i8 ||
      node.op.int_or("group", 1) != 1 || shape.size() < 3 || element_count(shape) < least * shape[0]) {
    return false;
  }
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2];
  const auto is_known_bias = [&](const Value& bias) { return bias.constant && bias.constant->dtype == DType::f32; };
  return context.type(node.inputs[0]).dtype == DType::f32 && (!has_bias || is_known_bias(graph[node.inputs[2]]));
}

constexpr uint32_t kW = 1;
constexpr uint32_t kR = 2;

// The codes must not fail once the op has taken the other weight's: what NaN or infinity would do.
bool is_finite(const PlanContext& context, ValueId source) {
  const auto values = float_constant(context.model.files, context.graph()[source]);
  constexpr float kLargest = std::numeric_limits<float>::max();
  return values && std::ranges::all_of(*values, [](float x) { return x >= -kLargest && x <= kLargest; });
}

bool is_recurrent(const PlanContext& context, const WeightPlan& weight) {
  if (weight.readers.size() != 1 || weight.dtype != DType::i8 || !weight.converters.empty()) return false;
  const Use& use = weight.readers.front();
  const Node& node = context.graph()[use.node];
  const bool fits = node.op.type == "LSTM" && node.op.domain.empty() && (use.slot == kW || use.slot == kR) &&
                    node.op.int_or("layout", 0) == 0;
  return fits && context.type(node.inputs[0]).dtype == DType::f32 && is_finite(context, weight.source);
}

}  // namespace

void settle_recurrent(const Graph& graph, std::vector<WeightPlan>& weights) {
  for (WeightPlan& weight : weights) {
    if (weight.form != WeightForm::recurrent) continue;
    const Use& use = weight.readers.front();
    const ValueId other = graph[use.node].inputs[use.slot == kW ? kR : kW];
    const auto found = std::ranges::find(weights, other, &WeightPlan::source);
    if (found != weights.end() && found->form == WeightForm::recurrent && other != weight.source) continue;
    weight.form = WeightForm::widened;
    weight.is_transposed = false;
  }
}

WeightForm dynamic_form(const PlanContext& context, const WeightPlan& weight) {
  const Graph& graph = context.graph();
  const Shape& shape = graph[weight.source].constant->shape;
  if (shape.size() == 3 && is_recurrent(context, weight)) return WeightForm::recurrent;
  if (graph.opset("") < kFirstWithDynamicQuantizeLinear || !weight.converters.empty()) return WeightForm::widened;
  const auto convolves = [&](const Use& use) { return is_convolution(context, weight, use); };
  if (std::ranges::all_of(weight.readers, convolves)) return WeightForm::convolution;
  if (shape.size() != 2) return WeightForm::widened;
  const bool one_way = std::ranges::all_of(weight.readers, [&](const Use& use) {
    return is_transposed(graph[use.node]) == is_transposed(graph[weight.readers.front().node]);
  });
  const auto all = [&](auto fits) {
    return std::ranges::all_of(weight.readers, [&](const Use& use) { return fits(context, use); });
  };
  if (one_way && all(is_product)) return WeightForm::product;
  const bool by_row = weight.cut == Cut::per_channel && weight.axis == 0 && weight.dtype == DType::i8;
  return by_row && all(is_embedding) ? WeightForm::embedding : WeightForm::widened;
}

bool stores_outputs_first(const Graph& graph, const WeightPlan& weight) {
  return is_transposed(graph[weight.readers.front().node]);
}

}  // namespace narrowcast
