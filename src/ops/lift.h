// What a step of OpDef::lifts sees of its node, and how it changes it: through the edit log alone.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ir/edit_log.h"
#include "ops/op.h"

namespace narrowcast::ops {

// The opset that nodes are lifted to; those that steps insert are spelt so.
inline constexpr int kLiftTarget = 13;

class LiftContext {
 public:
  // `facts` by value, of the graph before anything was lifted: what a value is does not change.
  LiftContext(EditLog& log, const std::vector<ValueFact>& facts, NodeId node, std::string reason)
      : log_(log), facts_(facts), id_(node), reason_(std::move(reason)) {}

  [[nodiscard]] const Node& node() const { return log_.graph()[id_]; }
  [[nodiscard]] const RawOp& op() const { return node().op; }
  [[nodiscard]] bool has_operand(std::size_t slot) const {
    return slot < node().inputs.size() && static_cast<bool>(node().inputs[slot]);
  }
  // Of an absent operand nothing is known.
  [[nodiscard]] const ValueFact& operand(std::size_t slot) const;
  // The elements of a small float32 constant; nothing when it is none, or not known.
  [[nodiscard]] std::optional<std::vector<float>> constant_floats(ValueId value) const;
  // Whether anything reads the result.
  [[nodiscard]] bool is_read(std::size_t result) const;

  void set_operand(std::size_t slot, ValueId value);
  void set_attribute(std::string name, AttributeValue value);
  void drop_attribute(const std::string& name);
  // Becomes an op of another name.
  void rename(std::string type);

  // A constant of the node's scope, called after the node.
  ValueId add_ints(std::string_view suffix, const std::vector<int64_t>& values);
  ValueId add_floats(std::string_view suffix, const std::vector<float>& values);
  // One element without axes. Errors: unsupported, when `dtype` is no float type.
  Result<ValueId> add_scalar(std::string_view suffix, DType dtype, float value);
  // The attribute becomes an operand, a list of int64; an absent one leaves no operand.
  void list_to_operand(const std::string& attribute, std::size_t slot);

  // A node of one result in front of this one.
  ValueId insert(std::string type, std::vector<ValueId> inputs, std::vector<Attribute> attributes, TensorType result);
  // A node behind this one that takes over result `slot`, and reads as its first operand what this node makes there,
  // which is of type `made`.
  void append(std::size_t slot, TensorType made, std::string type, std::vector<ValueId> more_inputs,
              std::vector<Attribute> attributes);

 private:
  [[nodiscard]] std::string name(std::string_view suffix);
  NodeId insert_before(NodeId place, std::string type, std::vector<ValueId> inputs, std::vector<Attribute> attributes,
                       TensorType result);

  EditLog& log_;
  const std::vector<ValueFact>& facts_;
  NodeId id_;
  std::string reason_;
};

}  // namespace narrowcast::ops
