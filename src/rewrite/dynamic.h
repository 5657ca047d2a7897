// Mode dynamic-range, ONNX: activations are quantized as they come, products are made of integers.
#pragma once

#include "ir/edit_log.h"
#include "plan/plan.h"
#include "rewrite/narrow_weight.h"

namespace narrowcast {

// x * w becomes  float(MatMulInteger(DynamicQuantizeLinear(x), codes)) * (x_scale * w_scale), plus Gemm's bias: the
// pattern that onnxruntime makes one kernel of (onnx.md 1.6). Convolutions likewise, by ConvInteger.
Status rewrite_dynamic_product(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed);

// W or R of an LSTM, which becomes com.microsoft.DynamicQuantizeLSTM with the first of them: it has no form with only
// one weight in codes, so both must come.
Status rewrite_dynamic_lstm(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed);

// Gather(w, i) becomes  float(Gather(codes, i)) * Gather(w_scale, i).
Status rewrite_embedding(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed);

}  // namespace narrowcast
