#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// Sums of products of codes without their zero points, in int32 that wraps; the padding is the input's zero point.
Status eval_conv_integer(EvalContext& ctx);
// The same plus an int32 bias, as codes: saturate(round(sum * (x_scale * w_scale[c] / y_scale)) + y_zero_point).
Status eval_qlinear_conv(EvalContext& ctx);

}  // namespace narrowcast::ops
