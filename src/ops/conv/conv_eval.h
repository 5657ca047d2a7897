#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// ONNX Conv and com.microsoft FusedConv: images of one and two spatial axes by the kernels, others by a plain loop.
Result<std::unique_ptr<Prepared>> prepare_conv(const PrepareContext& ctx);
Status eval_conv(EvalContext& ctx);
// com.microsoft: also takes what is added before the activation.
Status eval_fused_conv(EvalContext& ctx);
bool conv_reads_plain(const RawOp& op, const Shape& x);

// TFLite CONV_2D and DEPTHWISE_CONV_2D.
Result<std::unique_ptr<Prepared>> prepare_conv_2d(const PrepareContext& ctx);
Status eval_conv_2d(EvalContext& ctx);

}  // namespace narrowcast::ops
