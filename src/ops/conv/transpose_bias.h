// MediaPipe's custom op Convolution2DTransposeBias: operands are data, filter [O, H, W, I] and bias. Its options are a
// struct of three int32 as the runtime has it in memory: padding (1 SAME, 2 VALID), stride_width, stride_height.
#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

Status infer_transpose_bias(InferContext& ctx);
Rule transpose_bias_rule(const RuleQuery& query);
Status eval_transpose_bias(EvalContext& ctx);

}  // namespace narrowcast::ops
