#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// ConvTranspose. Where the output's size is stated, or auto_pad asks for one, what is too much is cut off: an odd cut
// takes one more from the start, from the end with SAME_UPPER (the rule of opset 11, which onnxruntime applies to all).
Result<std::unique_ptr<Prepared>> prepare_conv_transpose(const PrepareContext& ctx);
Status eval_conv_transpose(EvalContext& ctx);
// TFLite's TRANSPOSE_CONV: operands are the result's shape, filter [O, H, W, I], data, bias.
Result<std::unique_ptr<Prepared>> prepare_transpose_conv(const PrepareContext& ctx);
Status eval_transpose_conv(EvalContext& ctx);

// The same with options and operands wherever an op has them.
struct TransposedSlots {
  std::size_t x, w, bias;
};
Status eval_transposed(EvalContext& ctx, const RawOp& options, TransposedSlots slots);
// TFLite's CONV_3D, in a plain loop.
Status eval_conv_3d(EvalContext& ctx);

}  // namespace narrowcast::ops
