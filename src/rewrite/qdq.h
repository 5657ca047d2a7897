// Full-integer ONNX files, style qdq: QuantizeLinear and DequantizeLinear around what the runtime then computes with.
#pragma once

#include "ir/edit_log.h"
#include "plan/plan.h"
#include "rewrite/narrow_weight.h"

namespace narrowcast {

// A pair behind the node that makes the value, which then stands for what the codes are widened to; where no node makes
// it in integers, in front of those who read codes. An absorbed clamp goes.
void rewrite_activation(EditLog& log, const ActivationPlan& plan);

// int32 codes b / (activation_scale * w_scale[c]), rounded half to even (onnx.md 1.2), and their DequantizeLinear, in
// place of the float bias of one use. Errors: unsupported, naming the bias, when it holds NaN or an infinity.
Status rewrite_bias(EditLog& log, const Model& model, const BiasPlan& plan, const WeightPlan& weight,
                    const NarrowedWeight& narrowed);

// Takes out constants that had readers before and have none now. `had_readers` by value.
void drop_unread_constants(EditLog& log, const std::vector<bool>& had_readers);

}  // namespace narrowcast
