#include "plan/tflite_scales.h"

#include <algorithm>
#include <ranges>

namespace narrowcast {

TfliteScales::TfliteScales(const PlanContext& context, const TfliteNodes& nodes)
    : context_(context), graph_(context.graph()), nodes_(nodes), adopted_(graph_.values.size()) {
  // From the end, so that what a result is joined into next is settled.
  for (const Scope& scope : graph_.scopes) {
    for (const NodeId id : std::views::reverse(scope.nodes)) {
      const TfliteChoice& choice = nodes_.of(id);
      if (choice.in_integers && choice.op->kind == KernelKind::joins) adopt(id);
    }
  }
}

// What an op that selects made the value of; none when no such op did.
ValueId TfliteScales::selected_from(ValueId value) const {
  const NodeId maker = nodes_.maker(value);
  if (!maker || nodes_.of(maker).op->kind != KernelKind::selects) return {};
  return graph_[maker].inputs[nodes_.of(maker).data.front()];
}

ValueId TfliteScales::root(ValueId value) const {
  for (;;) {
    if (const ValueId from = selected_from(value)) {
      value = from;
    } else if (adopted_[value.index]) {
      value = adopted_[value.index];
    } else {
      return value;
    }
  }
}

ValueId TfliteScales::wanted(const Use& use) const {
  const Node& node = graph_[use.node];
  const bool joins = nodes_.of(use.node).op->kind == KernelKind::joins;
  return root(joins ? node.outputs.front() : node.inputs[use.slot]);
}

// Nobody but the one reader asks for the value's codes, nor for those that they were selected from.
bool TfliteScales::is_read_once(ValueId value, ValueId until) const {
  for (;; value = selected_from(value)) {
    if (context_.uses.readers(value).size() != 1) return false;
    if (value == until) return true;
  }
}

// Operands that are made for this op alone are made with its result's parameters: what that cannot hold, the op would
// not pass on.
void TfliteScales::adopt(NodeId join) {
  const ValueId result = root(graph_[join].outputs.front());
  for (const uint32_t slot : nodes_.of(join).data) {
    const ValueId operand = graph_[join].inputs[slot];
    ValueId made = operand;
    while (const ValueId from = selected_from(made)) made = from;
    const NodeId maker = nodes_.maker(made);
    const bool is_free = !adopted_[made.index] && !(maker && nodes_.of(maker).op->fixed);
    if (is_free && made != result && is_read_once(operand, made)) adopted_[made.index] = result;
  }
}

}  // namespace narrowcast
