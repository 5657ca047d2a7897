// Writes the plan of a graph that computes in float16: constants, types, and one Cast where float16 and float32 meet.
#pragma once

#include "ir/edit_log.h"
#include "plan/plan.h"
#include "rewrite/narrow_weight.h"

namespace narrowcast {

// Forms half and half_copy.
void rewrite_half_constant(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed);
void rewrite_half_value(EditLog& log, const HalfValue& plan);
// A Cast to float32 that makes float16 now.
void rewrite_half_cast(EditLog& log, NodeId cast);

}  // namespace narrowcast
