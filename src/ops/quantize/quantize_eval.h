#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// ONNX: saturate(round half to even of x / scale, + zero point), the quotient in float32; float8 codes by Cast's rules.
Status eval_quantize_linear(EvalContext& ctx);
// ONNX: (code - zero point) * scale in float32.
Status eval_dequantize_linear(EvalContext& ctx);
// ONNX: uint8 codes by a scale and a zero point of the tensor's own range, which includes 0.
Status eval_dynamic_quantize(EvalContext& ctx);
// TFLite: parameters stand on the tensors; halves round away from zero.
Status eval_quantize(EvalContext& ctx);
Status eval_dequantize(EvalContext& ctx);

}  // namespace narrowcast::ops
