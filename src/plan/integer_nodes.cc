#include "plan/integer_nodes.h"

#include <algorithm>

#include "ops/lane.h"
#include "passes/float_constant.h"
#include "passes/trace_constant.h"
#include "plan/conditions.h"
#include "plan/placement.h"

namespace narrowcast {
namespace {

constexpr std::string_view kNothingToClamp = "what it clamps is not made in integers";

// The bounds of a clamp that are known before the model runs.
std::optional<ops::Interval> clamp_of(const PlanContext& context, const Node& node) {
  const ops::OpDef* op = ops::find_op(node.op);
  if (op == nullptr || op->lane == nullptr) return std::nullopt;
  std::vector<std::optional<std::vector<float>>> floats(node.inputs.size());
  std::vector<ops::Tensor> tensors(node.inputs.size());
  std::vector<const ops::Tensor*> operands(node.inputs.size(), nullptr);
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (!node.inputs[i]) continue;
    floats[i] = float_constant(context.model.files, context.graph()[node.inputs[i]]);
    if (!floats[i]) return std::nullopt;
    tensors[i].dtype = DType::f32;
    tensors[i].shape = context.graph()[node.inputs[i]].constant->shape;
    tensors[i].data = reinterpret_cast<const uint8_t*>(floats[i]->data());
    operands[i] = &tensors[i];
  }
  const auto lane = op->lane({node.op, operands});
  if (!lane || lane->unary != kernels::UnaryKind::clamp || !ops::is_open(lane->after)) return std::nullopt;
  return ops::Interval{lane->params.a, lane->params.b};
}

}  // namespace

IntegerNodes::IntegerNodes(const PlanContext& context, const Target& target, Placing placing)
    : context_(context), graph_(context.graph()), target_(target), choices_(graph_.nodes.size()) {
  std::vector<Placeable> placeable(choices_.size());
  for (const Scope& scope : graph_.scopes) {
    for (const NodeId id : scope.nodes) {
      judge(id);
      const NodeChoice& choice = choices_[id.index];
      if (!choice.reason.empty()) continue;
      const bool is_clamp = choice.op->kind == KernelKind::clamps;
      placeable[id.index] = {choice.op, choice.data, is_clamp ? graph_[graph_[id].inputs[0]].producer : NodeId()};
    }
  }
  std::vector<bool> in_integers(choices_.size());
  if (placing == Placing::widest) {
    for (std::size_t i = 0; i < in_integers.size(); ++i) in_integers[i] = placeable[i].op != nullptr;
  } else {
    in_integers = place(context, target, placeable);
  }
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    if (placeable[i].op != nullptr) settle(NodeId(i), in_integers[i]);
  }
}

void IntegerNodes::judge(NodeId id) {
  NodeChoice& choice = choices_[id.index];
  choice.op = target_.find(graph_[id].op.domain, graph_[id].op.type);
  choice.reason = why_not(id);
  if (choice.reason.empty()) choice.reason = sort_operands(id, choice);
  if (choice.reason.empty() && choice.op->kind == KernelKind::clamps) choice.reason = find_clamp(id, choice);
}

void IntegerNodes::settle(NodeId id, bool in_integers) {
  NodeChoice& choice = choices_[id.index];
  const bool is_clamp = choice.op->kind == KernelKind::clamps;
  if (in_integers) {
    choice.fate = is_clamp ? NodeFate::absorbed : NodeFate::integer;
    return;
  }
  const NodeCost cost = node_cost(context_, *choice.op, id);
  choice.reason = is_clamp                           ? std::string(kNothingToClamp)
                  : cost.in_integers > cost.in_float ? "float is faster for it there"
                                                     : "its neighbours compute in float, so converting would cost more";
}

void IntegerNodes::leave(NodeId id, std::string_view reason) {
  choices_[id.index].fate = NodeFate::in_float;
  choices_[id.index].reason = reason;
  for (const ValueId output : graph_[id].outputs) {
    if (!output) continue;
    for (const Use& use : context_.uses.readers(output)) {
      if (use.node && choices_[use.node.index].fate == NodeFate::absorbed) leave(use.node, kNothingToClamp);
    }
  }
}

std::string IntegerNodes::why_not(NodeId id) const {
  const Node& node = graph_[id];
  const TargetOp* op = target_.find(node.op.domain, node.op.type);
  if (op == nullptr) return "it has no integer kernel for " + node.op.type;
  if (node.op.version < op->since) return "it has no integer kernel for it before opset " + std::to_string(op->since);
  if (std::string why = context_.why_not_selected(id, ""); !why.empty()) return why;
  const ConditionQuery query{graph_, context_.facts, context_.uses, node, id};
  for (const std::string& name : op->needs) {
    const Condition* condition = find_condition(name);
    if (condition != nullptr && !condition->holds(query)) return std::string(condition->unless);
  }
  for (const ValueId output : node.outputs) {
    if (output && context_.type(output).dtype != DType::f32) return "its result is not float32";
  }
  return "";
}

std::string IntegerNodes::sort_operands(NodeId id, NodeChoice& choice) const {
  const Node& node = graph_[id];
  const bool first_only = choice.op->kind == KernelKind::selects || choice.op->kind == KernelKind::clamps;
  for (uint32_t slot = 0; slot < node.inputs.size(); ++slot) {
    const ValueId input = node.inputs[slot];
    const ops::Role role = context_.uses.role(id, slot);
    if (!input || role == ops::Role::plain || role == ops::Role::bias || (first_only && slot > 0)) continue;
    const bool is_constant = !trace_constants(graph_, input).empty();
    if (!is_constant && context_.type(input).dtype != DType::f32) return "an operand is not float32";
    if (!is_constant) {
      choice.data.push_back(slot);
      continue;
    }
    if (std::string why = why_not_stored(id, slot); !why.empty()) return why;
    choice.stored.push_back(slot);
  }
  return choice.data.empty() ? "its operands are constants" : "";
}

// A constant is replaced by its codes where it stands: whoever reads it reads what these are widened to.
std::string IntegerNodes::why_not_stored(NodeId id, uint32_t slot) const {
  const ValueId input = graph_[id].inputs[slot];
  const Value& value = graph_[input];
  if (!value.constant) return "'" + value.name + "' is rearranged before it is used";
  if (value.constant->dtype != DType::f32 || value.is_sparse) return "'" + value.name + "' is not stored as float32";
  if (element_count(value.constant->shape) <= 0) return "'" + value.name + "' is empty";
  for (const Use& reader : context_.uses.readers(input)) {
    if (!reader.node) return "'" + value.name + "' is an output of the graph";
    const ops::Role role = context_.uses.role(reader.node, reader.slot);
    if (role == ops::Role::plain || role == ops::Role::bias) {
      return "'" + graph_.label(reader.node) + "' needs the exact value of '" + value.name + "'";
    }
  }
  return "";
}

bool IntegerNodes::is_made(ValueId value) const { return static_cast<bool>(maker(value)); }

NodeId IntegerNodes::maker(ValueId value) const {
  const NodeId producer = graph_[value].producer;
  if (!producer) return {};
  const NodeFate fate = choices_[producer.index].fate;
  if (fate == NodeFate::in_float) return {};
  return fate == NodeFate::integer ? producer : graph_[graph_[producer].inputs[0]].producer;
}

bool IntegerNodes::reads_codes(const Use& use) const {
  if (!use.node) return false;
  const NodeChoice& choice = choices_[use.node.index];
  return choice.fate == NodeFate::integer && std::ranges::find(choice.data, use.slot) != choice.data.end();
}

bool IntegerNodes::is_read(ValueId value) const {
  return std::ranges::any_of(context_.uses.readers(value), [&](const Use& use) { return reads_codes(use); });
}

bool IntegerNodes::vanishes(ValueId value) const {
  const auto& readers = context_.uses.readers(value);
  return readers.size() == 1 && readers[0].node && choices_[readers[0].node.index].fate == NodeFate::absorbed;
}

// What keeps a clamp from vanishing when the op before it computes in integers; its limits where nothing does.
std::string IntegerNodes::find_clamp(NodeId id, NodeChoice& choice) const {
  const ValueId input = graph_[id].inputs[0];
  const NodeId producer = graph_[input].producer;
  if (!producer || choices_[producer.index].op == nullptr || !choices_[producer.index].reason.empty()) {
    return std::string(kNothingToClamp);
  }
  if (choices_[producer.index].op->kind == KernelKind::selects) return "codes only pass through the op before it";
  if (choices_[producer.index].op->kind == KernelKind::clamps) return "the op before it clamps too";
  const ValueRule rule = context_.rules.of_value(graph_[id].outputs[0]);
  if (rule.symmetric.value_or(context_.recipe.symmetric)) return "symmetric codes do not end where it clamps";
  if (context_.uses.readers(input).size() != 1) return "others read what it clamps";
  const auto clamp = clamp_of(context_, graph_[id]);
  if (!clamp) return "its limits are not known";
  if (clamp->min > 0 || clamp->max < 0) return "its limits leave out zero";
  choice.clamp = *clamp;
  return "";
}

}  // namespace narrowcast
