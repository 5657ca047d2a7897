#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// Resize and Upsample. Integers are interpolated in float32 and cut. A result of the operand's shape is a copy, as in
// onnxruntime.
Status eval_resize(EvalContext& ctx);
// TFLite: RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR.
Status eval_resize_tflite(EvalContext& ctx);

// What keep_aspect_ratio_policy makes of the stated sizes: one scale for the axes, the smallest or the largest of
// sizes / x in float32.
float common_scale(std::string_view policy, const Shape& x, const std::vector<int64_t>& sizes,
                   const std::vector<std::size_t>& axes);
// The size that this scale gives: n * scale, rounded half up. Unknown when it leaves 31 bits.
int64_t rounded_size(int64_t n, float scale);
// The axes that an op states, all of them when it states none. Errors: malformed.
Result<std::vector<std::size_t>> resized_axes(const RawOp& op, std::size_t rank);

}  // namespace narrowcast::ops
