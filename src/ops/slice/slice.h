#pragma once

#include "ops/op.h"

namespace narrowcast::ops {

// TFLite: begin, end and strides, with masks that bit by bit mean: begin or end left out, an ellipsis, a new axis of
// one entry, an axis taken away.
Status infer_strided_slice(InferContext& ctx);
Status eval_strided_slice(EvalContext& ctx);

}  // namespace narrowcast::ops
