// Constants of a TFLite model in integers: weights, biases and the others that its kernels read as codes.
#pragma once

#include "plan/plan.h"
#include "plan/tflite_scales.h"

namespace narrowcast {

// Fills the plan's weights and the verdicts of constants; its activations are settled.
void plan_tflite_constants(const PlanContext& context, const Target& target, const TfliteNodes& nodes,
                           const TfliteScales& scales, Plan& plan);

}  // namespace narrowcast
