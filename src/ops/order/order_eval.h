#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// Of equal values the one with the lower index comes first; NaN is larger than every number.
Status eval_top_k(EvalContext& ctx);
Status eval_unique(EvalContext& ctx);

// Boxes by falling score, without those that overlap an earlier one of their class by more than the threshold. A score
// must exceed its threshold, as in onnxruntime.
Status eval_non_max_suppression(EvalContext& ctx);

// Places of elements that are not zero: [rank, n] in ONNX, [n, rank] in TFLite's WHERE.
Status eval_non_zero(EvalContext& ctx);
Status eval_compress(EvalContext& ctx);
Status eval_one_hot(EvalContext& ctx);

Status eval_cum_sum(EvalContext& ctx);
Status eval_reverse_sequence(EvalContext& ctx);
Status eval_reverse(EvalContext& ctx);
Status eval_trilu(EvalContext& ctx);

}  // namespace narrowcast::ops
