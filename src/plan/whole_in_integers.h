#pragma once

#include "plan/context.h"
#include "plan/plan.h"

namespace narrowcast {

// Mode integer-only: every node that computes with floats and is not in integers is an error, all of them at once.
Status check_whole_in_integers(const PlanContext& context, const Plan& plan);

}  // namespace narrowcast
