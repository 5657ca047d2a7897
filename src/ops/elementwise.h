// What ops that work element by element share.
#pragma once

#include "ops/op.h"

namespace narrowcast::ops {

// The first result has the first operand's type and shape.
Status infer_like_first(InferContext& ctx);
// The first result has the shape that all operands broadcast to, and this type.
// Errors: malformed, when they do not.
Status infer_broadcast(InferContext& ctx, DType dtype);
// The same with the first operand's type.
Status infer_broadcast_first(InferContext& ctx);

}  // namespace narrowcast::ops
