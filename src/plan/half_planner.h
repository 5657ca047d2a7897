// Mode float16 of an ONNX graph: every float value becomes float16 where the ops around it may compute so.
#pragma once

#include "plan/context.h"
#include "plan/plan.h"

namespace narrowcast {

// Whether the whole graph is to compute in float16, rather than store its constants so.
bool computes_in_half(const Model& model, const Recipe& recipe);

Result<Plan> plan_half(const PlanContext& context);

}  // namespace narrowcast
