// The geometry of transposed convolutions.
#pragma once

#include "kernels/conv_transpose/conv_transpose.h"
#include "ops/eval.h"
#include "ops/window.h"

namespace narrowcast::ops {

// Cuts at the start and the end of every spatial axis, set in `window`. `x` and `y` are [N, C, spatial...].
// Errors: unsupported, for negative ones.
Status resolve_cuts(const RawOp& op, Window& window, const Shape& x, const Shape& y);
// Whether the cuts do not depend on the input's size.
bool cuts_are_stated(const RawOp& op);

// An image's, or a signal's as an image of one row, of a weight [C, M / groups, kernel...] of rank 3 or 4.
// Sizes are set where `x` and `y` are given. Errors: malformed, for a weight that does not fit its groups.
Result<kernels::ConvShape> transposed_shape(const RawOp& op, const Window& window, const Shape& w, const Shape* x,
                                            const Shape* y);

// TFLite: of the image [N, H, W, C] and the result's shape.
Result<kernels::ConvShape> tflite_transposed_shape(const RawOp& op, const Shape& w, const Shape& x, const Shape& y);

}  // namespace narrowcast::ops
