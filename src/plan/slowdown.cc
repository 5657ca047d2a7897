#include "plan/slowdown.h"

#include <algorithm>

#include "plan/placement.h"

namespace narrowcast {
namespace {

constexpr double kTolerated = 1.05;

struct Times {
  double in_float = 0;
  double as_planned = 0;
};

void add_node(const PlanContext& context, const IntegerNodes& nodes, const Target& there, NodeId id, Times& times) {
  const Node& node = context.graph()[id];
  const TargetOp* op = there.find(node.op.domain, node.op.type);
  if (op == nullptr) return;
  const NodeCost cost = node_cost(context, *op, id);
  times.in_float += cost.in_float;
  const NodeFate fate = nodes.of(id).fate;
  if (fate == NodeFate::in_float) times.as_planned += cost.in_float;
  if (fate == NodeFate::integer) times.as_planned += cost.in_integers;
}

// What a value costs whose maker and readers have it in different forms.
double conversion(const PlanContext& context, const IntegerNodes& nodes, const Target& there, ValueId value) {
  const auto& readers = context.uses.readers(value);
  const auto reads_codes = [&](const Use& use) { return nodes.reads_codes(use); };
  if (context.graph()[value].constant || nodes.vanishes(value)) return 0;
  const double count = likely_elements(context, value);
  if (nodes.is_made(value)) return std::ranges::all_of(readers, reads_codes) ? 0 : count * there.dequantize;
  return std::ranges::any_of(readers, reads_codes) ? count * there.quantize : 0;
}

}  // namespace

std::string slowdown_warning(const PlanContext& context, const IntegerNodes& nodes, const Target& there) {
  Times times;
  const Graph& graph = context.graph();
  for (const Scope& scope : graph.scopes) {
    for (const NodeId id : scope.nodes) add_node(context, nodes, there, id, times);
  }
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    times.as_planned += conversion(context, nodes, there, ValueId(i));
  }
  if (times.as_planned <= kTolerated * times.in_float) return "";
  const auto percent = static_cast<int64_t>(100 * (times.as_planned / times.in_float - 1));
  return "On " + there.name + " the ops of this plan would take about " + std::to_string(percent) +
         " % longer than in float: choose that target for a model that is to run there.";
}

}  // namespace narrowcast
