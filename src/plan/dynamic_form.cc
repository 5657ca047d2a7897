#include "plan/dynamic_form.h"

#include <algorithm>

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

}  // namespace

WeightForm dynamic_form(const PlanContext& context, const WeightPlan& weight) {
  const Graph& graph = context.graph();
  const Shape& shape = graph[weight.source].constant->shape;
  if (graph.opset("") < kFirstWithDynamicQuantizeLinear || shape.size() != 2 || !weight.converters.empty()) {
    return WeightForm::widened;
  }
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
