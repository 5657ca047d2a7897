#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// InstanceNormalization and GroupNormalization; before opset 21 the latter's scale and bias have an entry a group.
Status eval_group_norm(EvalContext& ctx);
// LayerNormalization, SimplifiedLayerNormalization and RMSNormalization: over the axes from `axis` on.
Status eval_layer_norm(EvalContext& ctx);
// com.microsoft: (Simplified)LayerNormalization of input + skip + bias over the last axis. The skip may lack the batch.
Status eval_skip_layer_norm(EvalContext& ctx);
// LRN and LOCAL_RESPONSE_NORMALIZATION: x / (bias + alpha * squares of near channels)^beta.
Status eval_lrn(EvalContext& ctx);
// LpNormalization, x / norm or 0 where that is 0; L2_NORMALIZATION, x / max(norm, 1e-6).
Status eval_lp_norm(EvalContext& ctx);
// (x - mean) / (deviation + 1e-9) over the axes, [0, 2, 3] unless stated.
Status eval_mean_variance(EvalContext& ctx);

}  // namespace narrowcast::ops
