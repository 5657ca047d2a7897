#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// Rows of an axis by index; TFLite's has batch axes too.
Status eval_gather(EvalContext& ctx);
// One element by the place of each index, with that index along the axis.
Status eval_gather_elements(EvalContext& ctx);
// The last axis of the indices addresses leading axes of the data.
Status eval_gather_nd(EvalContext& ctx);
// TFLite: rows of a table; the indices come first.
Status eval_embedding_lookup(EvalContext& ctx);

}  // namespace narrowcast::ops
