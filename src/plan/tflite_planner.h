// Plans a TFLite model in integers: which ops, with which scales, and where codes are converted.
#pragma once

#include "plan/context.h"
#include "plan/known_ranges.h"
#include "plan/plan.h"

namespace narrowcast {

// Errors: usage and unsupported, for what the recipe asks; calibration, when no range is known.
Result<Plan> plan_tflite(const PlanContext& context, const KnownRanges& ranges);

// The values whose ranges `plan_tflite` needs.
Result<std::vector<ValueId>> watch_for_tflite(const PlanContext& context);

}  // namespace narrowcast
