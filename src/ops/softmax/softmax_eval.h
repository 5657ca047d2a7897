#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// Softmax, LogSoftmax and Hardmax of both formats. ONNX before opset 13: the axes from `axis` (1) on count as one;
// since then along `axis` (-1) alone. TFLite: along the last axis, SOFTMAX of x times `beta`.
// Hardmax: 1 at the first of the largest, 0 elsewhere; NaN is skipped.
Status eval_softmax(EvalContext& ctx);

}  // namespace narrowcast::ops
