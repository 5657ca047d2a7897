#include "plan/weight_uses.h"

#include <algorithm>

#include "passes/trace_constant.h"

namespace narrowcast {
namespace {

// The axes of a traced value as axes of its source; nothing when the summed axes are no longer neighbours there.
std::optional<ops::WeightAxes> map_axes(const ops::WeightAxes& axes, const std::vector<int>& to_source) {
  const auto rank = static_cast<int>(to_source.size());
  if (axes.channel < 0 || axes.channel >= rank || axes.reduce_begin < 0 || axes.reduce_end > rank ||
      axes.reduce_begin >= axes.reduce_end) {
    return std::nullopt;
  }
  std::vector<int> reduced(to_source.begin() + axes.reduce_begin, to_source.begin() + axes.reduce_end);
  std::ranges::sort(reduced);
  if (reduced.back() - reduced.front() + 1 != static_cast<int>(reduced.size())) return std::nullopt;
  return ops::WeightAxes{to_source[static_cast<std::size_t>(axes.channel)], reduced.front(), reduced.back() + 1};
}

ops::Rule rule_of(const Node& node, const std::vector<ops::ValueFact>& facts) {
  const ops::OpDef* op = ops::find_op(node.op);
  if (op == nullptr || op->rule == nullptr) return {};
  std::vector<TensorType> operands;
  for (const ValueId input : node.inputs) operands.push_back(input ? facts[input.index].type : TensorType{});
  return op->rule({node.op, operands});
}

}  // namespace

WeightUses::WeightUses(const Graph& graph, const std::vector<ops::ValueFact>& facts)
    : graph_(graph), uses_(collect_uses(graph)), operands_(graph.nodes.size()), by_source_(graph.values.size()) {
  for (const Scope& scope : graph.scopes) {
    for (const NodeId id : scope.nodes) add_node(id, facts);
  }
}

void WeightUses::add_node(NodeId id, const std::vector<ops::ValueFact>& facts) {
  const Node& node = graph_[id];
  Operands& operands = operands_[id.index];
  operands.rule = rule_of(node, facts);
  operands.sources.resize(node.inputs.size());
  for (uint32_t slot = 0; slot < node.inputs.size(); ++slot) {
    if (!node.inputs[slot] || role(id, slot) != ops::Role::weight) continue;
    for (const ConstantTrace& trace : trace_constants(graph_, node.inputs[slot])) {
      operands.sources[slot].push_back(trace.source);
      const auto& axes = operands.rule.operands[slot].axes;
      by_source_[trace.source.index].push_back(
          {{id, slot, node.scope}, trace.axes ? map_axes(axes, *trace.axes) : std::nullopt});
    }
  }
}

const std::vector<ValueId>& WeightUses::sources(NodeId node, std::size_t slot) const {
  static const std::vector<ValueId> kNone;
  const auto& sources = operands_[node.index].sources;
  return slot < sources.size() ? sources[slot] : kNone;
}

ops::Role WeightUses::role(NodeId node, std::size_t slot) const {
  const auto& operands = operands_[node.index].rule.operands;
  return slot < operands.size() ? operands[slot].role : ops::Role::data;
}

std::optional<std::string> WeightUses::strays(const Use& reader) const {
  std::vector<ValueId> seen;
  return strays(reader, seen);
}

std::optional<std::string> WeightUses::strays(const Use& reader, std::vector<ValueId>& seen) const {
  if (!reader.node) return "it is an output of the graph";
  const Node& node = graph_[reader.node];
  if (role(reader.node, reader.slot) == ops::Role::weight) return std::nullopt;
  const ops::OpDef* op = ops::find_op(node.op);
  if (op == nullptr || (op->view == nullptr && !op->moves)) {
    return "it is also read by '" + graph_.label(reader.node) + "', which stays in float";
  }
  for (const ValueId output : node.outputs) {
    if (!output || std::ranges::find(seen, output) != seen.end()) continue;
    seen.push_back(output);
    for (const Use& next : uses_[output.index]) {
      if (auto stray = strays(next, seen)) return stray;
    }
  }
  return std::nullopt;
}

}  // namespace narrowcast
