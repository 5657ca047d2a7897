#pragma once

#include "ops/lift.h"

namespace narrowcast::ops {

// Opset 13: one axis instead of all from `axis` (by default 1) on. Where these are not one axis with others of size 1,
//   s = Shape(x), y = Reshape(op(Flatten(x, axis)), s)
// Errors: unsupported, when a negative axis is counted from a rank that is not known.
Status lift_to_one_axis(LiftContext& ctx);

}  // namespace narrowcast::ops
