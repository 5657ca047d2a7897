#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// Where two updates meet, the later one stands, or both are joined as `reduction` says.
Status eval_scatter_elements(EvalContext& ctx);
Status eval_scatter_nd(EvalContext& ctx);
// TFLite: onto zeros; updates that meet are added up.
Status eval_scatter_nd_tflite(EvalContext& ctx);
// TFLite: a block into a copy, moved so that it fits.
Status eval_dynamic_update_slice(EvalContext& ctx);

}  // namespace narrowcast::ops
