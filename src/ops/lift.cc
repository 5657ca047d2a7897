#include "ops/lift.h"

#include <algorithm>

#include "base/half.h"
#include "ops/fold.h"

namespace narrowcast::ops {
namespace {

template <typename T>
Constant list_constant(DType dtype, const std::vector<T>& values) {
  Bytes bytes;
  for (const T value : values) append_le(bytes, value);
  return {dtype, {static_cast<int64_t>(values.size())}, std::move(bytes)};
}

}  // namespace

const ValueFact& LiftContext::operand(std::size_t slot) const {
  static const ValueFact kNothing;
  return has_operand(slot) && node().inputs[slot].index < facts_.size() ? facts_[node().inputs[slot].index] : kNothing;
}

std::optional<std::vector<float>> LiftContext::constant_floats(ValueId value) const {
  if (!value) return std::nullopt;
  if (value.index < facts_.size()) return facts_[value.index].floats;
  const auto& constant = log_.graph()[value].constant;
  return constant ? ops::constant_floats(*constant, nullptr) : std::nullopt;
}

bool LiftContext::is_read(std::size_t result) const {
  if (result >= node().outputs.size() || !node().outputs[result]) return false;
  const ValueId value = node().outputs[result];
  const auto reads = [&](const auto& values) { return std::ranges::find(values, value) != values.end(); };
  const Graph& graph = log_.graph();
  return std::ranges::any_of(graph.nodes, [&](const Node& other) { return !other.dropped && reads(other.inputs); }) ||
         std::ranges::any_of(graph.scopes, [&](const Scope& scope) { return reads(scope.outputs); });
}

void LiftContext::set_operand(std::size_t slot, ValueId value) {
  log_.set_input(id_, static_cast<uint32_t>(slot), value, reason_);
}

void LiftContext::set_attribute(std::string name, AttributeValue value) {
  log_.set_attribute(id_, std::move(name), std::move(value), reason_);
}

void LiftContext::drop_attribute(const std::string& name) {
  if (op().find(name) != nullptr) log_.set_attribute(id_, name, std::monostate(), reason_);
}

void LiftContext::rename(std::string type) { log_.set_op(id_, std::move(type), reason_); }

std::string LiftContext::name(std::string_view suffix) {
  return log_.unique_name(log_.graph().label(id_) + "_" + std::string(suffix));
}

ValueId LiftContext::add_ints(std::string_view suffix, const std::vector<int64_t>& values) {
  return log_.add_constant(node().scope, name(suffix), list_constant(DType::i64, values), std::nullopt, reason_);
}

ValueId LiftContext::add_floats(std::string_view suffix, const std::vector<float>& values) {
  return log_.add_constant(node().scope, name(suffix), list_constant(DType::f32, values), std::nullopt, reason_);
}

Result<ValueId> LiftContext::add_scalar(std::string_view suffix, DType dtype, float value) {
  Bytes bytes;
  switch (dtype) {
    case DType::f32:
      append_le(bytes, value);
      break;
    case DType::f64:
      append_le(bytes, static_cast<double>(value));
      break;
    case DType::f16:
      append_le(bytes, f32_to_f16(value));
      break;
    default:
      return fail(ErrorCode::unsupported, "the type of its operand is not known, or no float");
  }
  return log_.add_constant(node().scope, name(suffix), {dtype, {}, std::move(bytes)}, std::nullopt, reason_);
}

void LiftContext::list_to_operand(const std::string& attribute, std::size_t slot) {
  if (op().find(attribute) == nullptr) return;
  set_operand(slot, add_ints(attribute, op().ints(attribute)));
  drop_attribute(attribute);
}

NodeId LiftContext::insert_before(NodeId place, std::string type, std::vector<ValueId> inputs,
                                  std::vector<Attribute> attributes, TensorType result) {
  Node made;
  made.name = name(type);
  std::vector<Value> outputs(1);
  outputs[0].name = name(type + "_output");
  outputs[0].type = std::move(result);
  made.op = {"", std::move(type), kLiftTarget, std::move(attributes)};
  made.inputs = std::move(inputs);
  return log_.insert_node(node().scope, place, std::move(made), std::move(outputs), reason_);
}

ValueId LiftContext::insert(std::string type, std::vector<ValueId> inputs, std::vector<Attribute> attributes,
                            TensorType result) {
  const NodeId made = insert_before(id_, std::move(type), std::move(inputs), std::move(attributes), std::move(result));
  return log_.graph()[made].outputs[0];
}

void LiftContext::append(std::size_t slot, TensorType made, std::string type, std::vector<ValueId> more_inputs,
                         std::vector<Attribute> attributes) {
  const Graph& graph = log_.graph();
  const ValueId result = node().outputs[slot];
  const auto& order = graph[node().scope].nodes;
  const auto next = std::ranges::find(order, id_) + 1;
  std::vector<ValueId> inputs{result};
  inputs.insert(inputs.end(), more_inputs.begin(), more_inputs.end());
  const NodeId behind = insert_before(next == order.end() ? NodeId() : *next, std::move(type), std::move(inputs),
                                      std::move(attributes), std::move(made));
  // The new node takes the result's name, and with it all who read it, the graph's outputs among them.
  const ValueId between = graph[behind].outputs[0];
  log_.set_output(id_, static_cast<uint32_t>(slot), between, reason_);
  log_.set_output(behind, 0, result, reason_);
  log_.set_input(behind, 0, between, reason_);
}

}  // namespace narrowcast::ops
