#pragma once

#include "ops/eval.h"
#include "ops/op.h"

namespace narrowcast::ops {

// com.microsoft QLinearAdd: a, its scale and zero point, b, its scale and zero point, the result's. In float32:
// saturate(round((a - a_zero) * (a_scale / y_scale) + (b - b_zero) * (b_scale / y_scale)) + y_zero).
Status infer_qlinear_add(InferContext& ctx);
Status eval_qlinear_add(EvalContext& ctx);

}  // namespace narrowcast::ops
