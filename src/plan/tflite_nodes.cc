#include "plan/tflite_nodes.h"

#include <algorithm>

#include "passes/trace_constant.h"
#include "plan/conditions.h"

namespace narrowcast {

TfliteNodes::TfliteNodes(const PlanContext& context, const Target& target)
    : context_(context), graph_(context.graph()), target_(target), choices_(graph_.nodes.size()) {
  for (const Scope& scope : graph_.scopes) {
    for (const NodeId id : scope.nodes) {
      TfliteChoice& choice = choices_[id.index];
      choice.op = target_.find(graph_[id].op.domain, graph_[id].op.type);
      choice.reason = why_not(id);
      if (choice.reason.empty()) choice.reason = sort_operands(id, choice);
      choice.in_integers = choice.reason.empty();
    }
  }
}

std::string TfliteNodes::why_not(NodeId id) const {
  const Node& node = graph_[id];
  const TargetOp* op = choices_[id.index].op;
  if (op == nullptr) return "it has no " + std::string(dtype_name(target_.activations)) + " kernel for " + node.op.type;
  if (std::string why = context_.why_not_selected(id, ""); !why.empty()) return why;
  const ConditionQuery query{graph_, context_.facts, context_.uses, node, id};
  std::vector<std::string> needs = target_.needs;
  needs.insert(needs.end(), op->needs.begin(), op->needs.end());
  for (const std::string& name : needs) {
    const Condition* condition = find_condition(name);
    if (condition != nullptr && !condition->holds(query)) return std::string(condition->unless);
  }
  for (const ValueId output : node.outputs) {
    if (output && context_.type(output).dtype != DType::f32) return "its result is not float32";
  }
  return "";
}

// The constant itself, or the float16 one that an op of its scope widens for all who read the value.
std::optional<ValueId> TfliteNodes::constant_behind(ValueId value) const {
  const Value& found = graph_[value];
  if (found.constant) return value;
  if (!found.producer || graph_[found.producer].op.type != "DEQUANTIZE") return std::nullopt;
  const ValueId source = graph_[found.producer].inputs.front();
  const bool is_half = source && graph_[source].constant && graph_[source].constant->dtype == DType::f16;
  return is_half ? std::optional(source) : std::nullopt;
}

std::string TfliteNodes::sort_operands(NodeId id, TfliteChoice& choice) const {
  const Node& node = graph_[id];
  for (uint32_t slot = 0; slot < node.inputs.size(); ++slot) {
    const ValueId input = node.inputs[slot];
    const ops::Role role = context_.uses.role(id, slot);
    if (!input || role == ops::Role::plain) continue;
    if (choice.op->kind == KernelKind::selects && !choice.data.empty()) break;
    const bool is_constant = !trace_constants(graph_, input).empty();
    if (!is_constant && role != ops::Role::bias) {
      if (context_.type(input).dtype != DType::f32) return "an operand is not float32";
      choice.data.push_back(slot);
      continue;
    }
    const auto source = constant_behind(input);
    if (!source) return "'" + graph_[input].name + "' is no constant of its own";
    // Axes and sizes.
    const DType stored = graph_[*source].constant->dtype;
    if (!graph_[*source].quant && (stored == DType::i32 || stored == DType::i64)) continue;
    if (std::string why = why_not_stored(*source); !why.empty()) return why;
    if (role == ops::Role::bias) {
      choice.bias = {slot, *source};
    } else {
      choice.stored.push_back({slot, *source});
    }
  }
  return choice.data.empty() ? "its operands are constants" : "";
}

std::string TfliteNodes::why_not_stored(ValueId source) const {
  const Value& value = graph_[source];
  const DType dtype = value.constant->dtype;
  if ((dtype != DType::f32 && dtype != DType::f16) || value.is_sparse) {
    return "'" + value.name + "' is not stored as dense floats";
  }
  return element_count(value.constant->shape) <= 0 ? "'" + value.name + "' is empty" : "";
}

NodeId TfliteNodes::maker(ValueId value) const {
  const NodeId producer = graph_[value].producer;
  return producer && choices_[producer.index].in_integers ? producer : NodeId();
}

bool TfliteNodes::reads_codes(const Use& use) const {
  if (!use.node) return false;
  const TfliteChoice& choice = choices_[use.node.index];
  return choice.in_integers && std::ranges::find(choice.data, use.slot) != choice.data.end();
}

bool TfliteNodes::takes_bias(const Use& use) const {
  return use.node && of(use.node).in_integers && of(use.node).bias && of(use.node).bias->slot == use.slot;
}

bool TfliteNodes::takes(const Use& use) const {
  if (!use.node || !of(use.node).in_integers) return false;
  return takes_bias(use) ||
         std::ranges::find(of(use.node).stored, use.slot, &ConstantOperand::slot) != of(use.node).stored.end();
}

bool TfliteNodes::vanishes(NodeId id) const {
  const Node& node = graph_[id];
  if (node.outputs.size() != 1 || !node.outputs[0] || !constant_behind(node.outputs[0])) return false;
  const auto& readers = context_.uses.readers(node.outputs[0]);
  return !readers.empty() && std::ranges::all_of(readers, [&](const Use& use) { return takes(use); });
}

std::vector<Use> TfliteNodes::readers_of(ValueId source) const {
  std::vector<Use> readers;
  for (const Use& use : context_.uses.readers(source)) {
    const bool is_widened =
        use.node && graph_[use.node].op.type == "DEQUANTIZE" && graph_[source].constant->dtype == DType::f16;
    const auto& through = is_widened ? context_.uses.readers(graph_[use.node].outputs.front()) : std::vector<Use>{use};
    readers.insert(readers.end(), through.begin(), through.end());
  }
  return readers;
}

void TfliteNodes::leave(NodeId node, std::string reason) {
  choices_[node.index].in_integers = false;
  choices_[node.index].reason = std::move(reason);
}

}  // namespace narrowcast
