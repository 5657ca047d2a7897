#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

Status eval_constant(EvalContext& ctx);
// One element all over: of the attribute, or float zero; TFLite's FILL takes it as an operand.
Status eval_constant_of_shape(EvalContext& ctx);
Status eval_fill(EvalContext& ctx);
// Ones on the k-th diagonal above the main one, zeros elsewhere.
Status eval_eye_like(EvalContext& ctx);
// start, start + delta, ... below the limit (above it for a negative delta). Floats are added up, as runtimes do.
Status eval_range(EvalContext& ctx);

}  // namespace narrowcast::ops
