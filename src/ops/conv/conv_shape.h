#pragma once

#include "ops/op.h"

namespace narrowcast::ops {

// ONNX, any number of spatial axes, [N, C, d...]. auto_pad, pads, strides, dilations as in the specification.
Status infer_conv(InferContext& ctx);
Status infer_conv_integer(InferContext& ctx);
Status infer_qlinear_conv(InferContext& ctx);
Status infer_conv_transpose(InferContext& ctx);
// TFLite, [N, H, W, C] or [N, D, H, W, C]; SAME and VALID padding.
Status infer_conv_2d(InferContext& ctx);
Status infer_depthwise_conv_2d(InferContext& ctx);
Status infer_conv_3d(InferContext& ctx);
// TFLite: the first operand is the result's shape.
Status infer_transpose_conv(InferContext& ctx);

}  // namespace narrowcast::ops
