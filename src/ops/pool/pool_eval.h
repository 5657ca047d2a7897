#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// MaxPool with or without indices, AveragePool, LpPool: any number of spatial axes.
// Errors: unsupported, for a window that lies in the padding as a whole.
Status eval_pool(EvalContext& ctx);
// GlobalAveragePool, GlobalMaxPool, GlobalLpPool.
Status eval_global_pool(EvalContext& ctx);
// Puts each element where its index says, zeros elsewhere. Errors: malformed, for an index that lies outside.
Status eval_max_unpool(EvalContext& ctx);
// TFLite: MAX_POOL_2D, AVERAGE_POOL_2D (over the taps that exist), L2_POOL_2D.
Status eval_pool_2d(EvalContext& ctx);

}  // namespace narrowcast::ops
