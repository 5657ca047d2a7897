// Which constants are stored narrower, for an op that widens them: modes weight-only and float16.
#pragma once

#include "plan/context.h"
#include "plan/plan.h"

namespace narrowcast {

// Errors: usage, when the format cannot express the recipe.
Result<Plan> plan_weights(const PlanContext& context);

}  // namespace narrowcast
