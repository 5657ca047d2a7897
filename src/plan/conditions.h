// The conditions that rows of a target name: what must hold of a node for its integer kernel to exist, or for other
// figures of its cost to count.
#pragma once

#include <string_view>

#include "ir/graph.h"
#include "ops/op.h"
#include "plan/weight_uses.h"

namespace narrowcast {

struct ConditionQuery {
  const Graph& graph;
  const std::vector<ops::ValueFact>& facts;  // by value
  const WeightUses& uses;
  const Node& node;
  NodeId id;
};

struct Condition {
  std::string_view name;
  bool (*holds)(const ConditionQuery&);
  std::string_view unless;  // why there is no integer kernel where it does not hold
};

// Null when no condition has that name.
const Condition* find_condition(std::string_view name);

}  // namespace narrowcast
