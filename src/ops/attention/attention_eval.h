#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// com.microsoft Attention: q, k and v are one product of the input; padding masks of 1 to 3 axes.
// Errors: unsupported, with a past, rotary embedding, or other masks.
Status eval_packed_attention(EvalContext& ctx);
// com.microsoft MultiHeadAttention of three operands of three axes. Errors: unsupported, for packed ones, or a past.
Status eval_multi_head_attention(EvalContext& ctx);
// ONNX Attention: three or four axes, masks, a past, shared key heads. Errors: unsupported, when the scores are a
// result too.
Status eval_attention(EvalContext& ctx);

}  // namespace narrowcast::ops
