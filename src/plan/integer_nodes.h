// Which nodes compute in integers on a target, and why the others do not.
#pragma once

#include <string>
#include <vector>

#include "ops/op.h"
#include "plan/context.h"
#include "plan/target.h"

namespace narrowcast {

enum class NodeFate : uint8_t {
  in_float,
  integer,
  absorbed,  // a clamp that the codes of the op before it do by their own limits
};

struct NodeChoice {
  NodeFate fate = NodeFate::in_float;
  std::string reason;            // why it stays in float
  const TargetOp* op = nullptr;  // the target's row; null when it has none
  std::vector<uint32_t> data;    // operand slots that carry numbers made at run time
  std::vector<uint32_t> stored;  // operand slots of constants that are to be codes, weights and others
  ops::Interval clamp;           // of `absorbed`
};

class IntegerNodes {
 public:
  IntegerNodes(const PlanContext& context, const Target& target, Placing placing);

  [[nodiscard]] const NodeChoice& of(NodeId node) const { return choices_[node.index]; }
  // Integers stand for the value: a node makes them, or one reads them.
  [[nodiscard]] bool is_coded(ValueId value) const { return is_made(value) || is_read(value); }
  // A node makes it in integers: all who read it get it widened.
  [[nodiscard]] bool is_made(ValueId value) const;
  // The node that computes it in integers, seen through an absorbed clamp; none when it is made in float.
  [[nodiscard]] NodeId maker(ValueId value) const;
  [[nodiscard]] bool reads_codes(const Use& use) const;
  // Never seen outside its op: an absorbed clamp alone reads it.
  [[nodiscard]] bool vanishes(ValueId value) const;

  // Has a node compute in float after all, and what it would have absorbed.
  void leave(NodeId node, std::string_view reason);

 private:
  void judge(NodeId id);
  [[nodiscard]] std::string why_not(NodeId id) const;
  [[nodiscard]] std::string sort_operands(NodeId id, NodeChoice& choice) const;
  [[nodiscard]] std::string why_not_stored(NodeId id, uint32_t slot) const;
  std::string find_clamp(NodeId id, NodeChoice& choice) const;
  [[nodiscard]] bool is_read(ValueId value) const;
  void settle(NodeId id, bool in_integers);

  const PlanContext& context_;
  const Graph& graph_;
  const Target& target_;
  std::vector<NodeChoice> choices_;  // by node
};

}  // namespace narrowcast
