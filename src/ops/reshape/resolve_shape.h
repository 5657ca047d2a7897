#pragma once

#include "ops/op.h"

namespace narrowcast::ops {

// The shape that a Reshape's target gives to x (null: not known): -1 is the size that is left over, 0 the operand's
// own size when `copies_zero`.
// Errors: malformed, when the elements cannot have that shape.
Result<Shape> resolve_shape(const RawOp& op, const std::vector<int64_t>& target, const Shape* x, bool copies_zero);

}  // namespace narrowcast::ops
