// Mode dynamic-range: how the ops that read a weight take its codes.
#pragma once

#include "plan/context.h"
#include "plan/plan.h"

namespace narrowcast {

// product or embedding where every reader has such a kernel, else widened.
WeightForm dynamic_form(const PlanContext& context, const WeightPlan& weight);

// Of a product: whether the matrix lies [outputs, summed].
bool stores_outputs_first(const Graph& graph, const WeightPlan& weight);

}  // namespace narrowcast
