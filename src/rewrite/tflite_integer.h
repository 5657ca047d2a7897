#pragma once

#include "ir/edit_log.h"
#include "plan/plan.h"
#include "rewrite/narrow_weight.h"

namespace narrowcast {

// Tensors that nodes make in integers hold codes, with their scale; QUANTIZE and DEQUANTIZE stand where codes and
// floats meet, and where codes of one scale are wanted with another. Inputs and outputs of the model keep their
// tensors: float32, or codes where the plan says so.
void rewrite_tflite_activations(EditLog& log, const Plan& plan);

// The bias that the node reads becomes int32, with the product of its operands' scales.
// Errors: unsupported, when it is not finite.
Status rewrite_tflite_bias(EditLog& log, const Model& model, const BiasPlan& plan, const WeightPlan& weight,
                           const NarrowedWeight& narrowed);

}  // namespace narrowcast
