// Which nodes of a TFLite model compute in int8 or int16 on a target, and why the others do not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/context.h"
#include "plan/target.h"

namespace narrowcast {

// An operand that is a constant, perhaps one of float16 behind the op that widens it.
struct ConstantOperand {
  uint32_t slot = 0;
  ValueId source;
};

struct TfliteChoice {
  bool in_integers = false;
  std::string reason;                   // why it stays in float
  const TargetOp* op = nullptr;         // the target's row; null when it has none
  std::vector<uint32_t> data;           // operand slots that carry numbers made at run time
  std::vector<ConstantOperand> stored;  // constants that are to be codes, weights and others
  std::optional<ConstantOperand> bias;
};

class TfliteNodes {
 public:
  TfliteNodes(const PlanContext& context, const Target& target);

  [[nodiscard]] const TfliteChoice& of(NodeId node) const { return choices_[node.index]; }
  // The node that makes the value in integers; none when it is made in float.
  [[nodiscard]] NodeId maker(ValueId value) const;
  [[nodiscard]] bool reads_codes(const Use& use) const;
  // A constant operand of a node in integers, which wants codes of it.
  [[nodiscard]] bool takes(const Use& use) const;
  [[nodiscard]] bool takes_bias(const Use& use) const;
  // It widens a constant that all of its readers want as codes.
  [[nodiscard]] bool vanishes(NodeId node) const;
  // The readers of a constant, those behind an op that widens it from float16 in its place.
  [[nodiscard]] std::vector<Use> readers_of(ValueId source) const;

  void leave(NodeId node, std::string reason);

 private:
  [[nodiscard]] std::string why_not(NodeId id) const;
  std::string sort_operands(NodeId id, TfliteChoice& choice) const;
  [[nodiscard]] std::optional<ValueId> constant_behind(ValueId value) const;
  [[nodiscard]] std::string why_not_stored(ValueId source) const;

  const PlanContext& context_;
  const Graph& graph_;
  const Target& target_;
  std::vector<TfliteChoice> choices_;  // by node
};

}  // namespace narrowcast
