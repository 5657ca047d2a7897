#pragma once

#include "base/result.h"
#include "ir/payload.h"

namespace narrowcast::ops {

// numpy's rule, aligned at the last axis: sizes are equal or one of them is 1. An unknown size stays unknown unless
// the other one is larger than 1.
// Errors: malformed, when two sizes do not fit.
Result<Shape> broadcast(const Shape& a, const Shape& b);
// Whether a tensor of known sizes can be repeated along its axes of size 1 to fill another.
bool stretches(const Shape& from, const Shape& to);

}  // namespace narrowcast::ops
