// Mode dynamic-range: how the ops that read a weight take its codes.
#pragma once

#include "plan/context.h"
#include "plan/plan.h"

namespace narrowcast {

// product, convolution, recurrent or embedding where every reader has such a kernel, else widened. An LSTM takes the
// codes of both of its weights: recurrent holds only if the other one is so too.
WeightForm dynamic_form(const PlanContext& context, const WeightPlan& weight);

// Makes widened again what is recurrent while the other weight of its LSTM is not.
void settle_recurrent(const Graph& graph, std::vector<WeightPlan>& weights);

// Of a product: whether the matrix lies [outputs, summed].
bool stores_outputs_first(const Graph& graph, const WeightPlan& weight);

}  // namespace narrowcast
