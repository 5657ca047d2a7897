#include "rewrite/tflite_version.h"

#include <algorithm>

#include "rewrite/tflite_code_version.h"
#include "rewrite/tflite_weights.h"

namespace narrowcast {
namespace {

std::vector<TensorType> types_of(const Graph& graph, const std::vector<ValueId>& values) {
  std::vector<TensorType> types;
  for (const ValueId value : values) types.push_back(value ? graph[value].type : TensorType{});
  return types;
}

std::vector<float> scales_of(const Graph& graph, const std::vector<ValueId>& values) {
  std::vector<float> scales;
  for (const ValueId value : values) {
    const bool is_scaled = value && graph[value].quant && !graph[value].quant->scales.empty();
    scales.push_back(is_scaled ? graph[value].quant->scales.front() : 0);
  }
  return scales;
}

// Nodes that read or make a tensor whose type an edit changed, or another one that holds codes.
std::vector<bool> changed_nodes(const EditLog& log) {
  const Graph& graph = log.graph();
  std::vector<bool> values(graph.values.size(), false);
  std::vector<bool> nodes(graph.nodes.size(), false);
  for (const Edit& edit : log.edits()) {
    const bool moves = edit.kind == EditKind::set_input || edit.kind == EditKind::set_output;
    if (edit.kind == EditKind::set_constant || edit.kind == EditKind::set_type) values[edit.value.index] = true;
    if (moves && edit.value && graph[edit.value].type.dtype != DType::f32) nodes[edit.node.index] = true;
  }
  const auto is_changed = [&](ValueId value) { return value && values[value.index]; };
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (std::ranges::any_of(node.inputs, is_changed) || std::ranges::any_of(node.outputs, is_changed)) nodes[i] = true;
  }
  return nodes;
}

}  // namespace

int tflite_version_of(const Graph& graph, const Node& node) {
  const ops::OpDef* op = ops::find_op(node.op);
  std::vector<uint8_t> per_channel;
  for (const ValueId input : node.inputs) {
    per_channel.push_back(input && graph[input].quant && graph[input].quant->per_channel() ? 1 : 0);
  }
  const std::vector<TensorType> operands = types_of(graph, node.inputs);
  const std::vector<TensorType> results = types_of(graph, node.outputs);
  const std::vector<float> operand_scales = scales_of(graph, node.inputs);
  const std::vector<float> result_scales = scales_of(graph, node.outputs);
  const ops::VersionQuery query{node.op, operands, per_channel, results, operand_scales, result_scales};
  if (op != nullptr && op->tflite_version != nullptr) return op->tflite_version(query);
  return tflite_code_version(query).value_or(node.op.version);
}

ops::Rule tflite_rule_of(const Graph& graph, const Node& node) {
  const ops::OpDef* op = ops::find_op(node.op);
  if (op == nullptr || op->rule == nullptr) return {};
  const std::vector<TensorType> operands = types_of(graph, node.inputs);
  return op->rule({node.op, operands});
}

void update_versions(EditLog& log) {
  const Graph& graph = log.graph();
  const std::vector<bool> changed = changed_nodes(log);
  for (const Scope& scope : graph.scopes) {
    for (const NodeId id : scope.nodes) {
      if (!changed[id.index]) continue;
      const int version = tflite_version_of(graph, graph[id]);
      if (version != graph[id].op.version) log.set_version(id, version, "its operands are of other types now");
    }
  }
}

}  // namespace narrowcast
