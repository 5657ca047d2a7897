#pragma once

#include "rewrite/rewrite.h"

namespace narrowcast {

// DequantizeLinear (or com.microsoft's, where the opset is too old for an axis, 4 bits or blocks) in front of the
// readers; float16 constants get a Cast.
Status rewrite_onnx_weight(EditLog& log, const Model& model, const WeightPlan& plan, const NarrowedWeight& narrowed);

// com.microsoft.MatMulNBits in place of the MatMul.
Status rewrite_matmul_nbits(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed);

}  // namespace narrowcast
