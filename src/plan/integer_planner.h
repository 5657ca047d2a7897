// Full-integer: activations and weights as integers wherever the target computes with them.
#pragma once

#include "plan/context.h"
#include "plan/plan.h"

namespace narrowcast {

// The activations that need a range, in the order of the graph's values.
Result<std::vector<ValueId>> watch_for_integers(const PlanContext& context);

// Errors: usage, when the recipe cannot be had of the format; calibration, naming an activation without a range.
Result<Plan> plan_integers(const PlanContext& context, const KnownRanges& ranges);

}  // namespace narrowcast
