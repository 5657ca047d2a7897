#pragma once

#include "ops/lift.h"

namespace narrowcast::ops {

// Upsample 9: the scales become an operand.
Status lift_scales(LiftContext& ctx);
// Upsample 10 is Resize 10.
Status lift_upsample(LiftContext& ctx);

// Resize 11 states what 10 left open: coordinates x / scale; nearest takes the floor where an axis grows and the
// ceiling where it shrinks, which needs two nodes when axes do both, or when the scales are made at run time.
Status lift_to_stated_coordinates(LiftContext& ctx);

// Resize 13 lacks tf_half_pixel_for_nn, (x + 0.5) / scale: half_pixel, which lies 0.5 lower, rounded up instead of cut.
// Errors: unsupported, where no rounding says the same.
Status lift_nearest_of_half_pixels(LiftContext& ctx);

}  // namespace narrowcast::ops
