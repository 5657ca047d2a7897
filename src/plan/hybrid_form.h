// TFLite kernels that take int8 weights beside float32 data, which they quantize as it comes.
#pragma once

#include "plan/context.h"
#include "plan/plan.h"

namespace narrowcast {

// How the ops that read the weight take its codes; `no` unless all of them do, and in the same way.
ops::Hybrid hybrid_of(const PlanContext& context, const WeightPlan& weight);

// By node: the operands that are to be codes, a bit each.
using CodedSlots = std::vector<uint64_t>;

// A node that takes codes in all of its weights or in none, and one of these that is not to be codes.
struct Holdout {
  NodeId node;
  ValueId weight;
};

// What keeps a hybrid weight from being codes while no others than `coded` are; nothing when it can.
std::optional<Holdout> find_holdout(const PlanContext& context, const WeightPlan& weight, const CodedSlots& coded);

}  // namespace narrowcast
