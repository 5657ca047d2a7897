#include "plan/hybrid_form.h"

#include <algorithm>

namespace narrowcast {
namespace {

ops::OperandRule rule_at(const PlanContext& context, const Use& use) {
  const auto& operands = context.uses.rule(use.node).operands;
  return use.slot < operands.size() ? operands[use.slot] : ops::OperandRule{};
}

// Only float32 data is quantized on the way, and only weights that lie as the format's default says are read so.
bool takes_floats(const PlanContext& context, NodeId id) {
  const Node& node = context.graph()[id];
  if (node.op.int_or("weights_format", 0) != 0 || node.op.int_or("kernel_type", 0) != 0) return false;
  const bool all_float = std::ranges::all_of(
      node.outputs, [&](ValueId output) { return !output || context.type(output).dtype == DType::f32; });
  const DType data = node.inputs.empty() || !node.inputs[0] ? DType::unknown : context.type(node.inputs[0]).dtype;
  return all_float && (data == DType::f32 || context.uses.role(id, 0) == ops::Role::plain);
}

bool same_axes(const ops::WeightAxes& a, const ops::WeightAxes& b) { return a.channel == b.channel; }

}  // namespace

ops::Hybrid hybrid_of(const PlanContext& context, const WeightPlan& weight) {
  const ops::OperandRule first = rule_at(context, weight.readers.front());
  const bool agree = std::ranges::all_of(weight.readers, [&](const Use& use) {
    const ops::OperandRule rule = rule_at(context, use);
    return rule.hybrid == first.hybrid && same_axes(rule.axes, first.axes) && takes_floats(context, use.node);
  });
  return agree ? first.hybrid : ops::Hybrid::no;
}

std::optional<Holdout> find_holdout(const PlanContext& context, const WeightPlan& weight, const CodedSlots& coded) {
  for (const Use& reader : weight.readers) {
    const ops::Rule& rule = context.uses.rule(reader.node);
    if (!rule.hybrid_together) continue;
    const Node& node = context.graph()[reader.node];
    const std::size_t slots = std::min(node.inputs.size(), rule.operands.size());
    for (std::size_t slot = 0; slot < slots; ++slot) {
      const bool is_weight = rule.operands[slot].hybrid != ops::Hybrid::no && node.inputs[slot];
      const bool is_code = (coded[reader.node.index] >> slot & 1) != 0;
      if (is_weight && !is_code) return Holdout{reader.node, node.inputs[slot]};
    }
  }
  return std::nullopt;
}

}  // namespace narrowcast
