// Which nodes compute in integers so that the model is fastest on its target.
#pragma once

#include <vector>

#include "plan/context.h"
#include "plan/target.h"

namespace narrowcast {

// What is to be decided of a node.
struct Placeable {
  const TargetOp* op = nullptr;  // null: it stays in float
  std::vector<uint32_t> data;    // operand slots that it would read as codes
  NodeId with;                   // of a clamp that vanishes: the node whose codes end where it does
};

// Nanoseconds of one run, by the target's figures; sizes that are not known before the model runs are guessed.
struct NodeCost {
  double in_float = 0;
  double in_integers = 0;
};
NodeCost node_cost(const PlanContext& context, const TargetOp& op, NodeId node);

// How many elements a value has, open sizes guessed.
double likely_elements(const PlanContext& context, ValueId value);

// By node: true in integers. The least sum of what nodes cost in the form that they get and of what values cost that
// pass between forms, found exactly, as a minimum cut; ties go to integers. `nodes` by node.
std::vector<bool> place(const PlanContext& context, const Target& target, const std::vector<Placeable>& nodes);

}  // namespace narrowcast
