// The sliding window that convolutions and pools share.
#pragma once

#include "ops/op.h"

namespace narrowcast::ops {

enum class AutoPad : uint8_t { notset, same_upper, same_lower, valid };

// ONNX. Every list has one entry a spatial axis.
struct Window {
  Shape kernel;
  std::vector<int64_t> strides;
  std::vector<int64_t> dilations;
  std::vector<int64_t> pads_begin;
  std::vector<int64_t> pads_end;
  AutoPad pad = AutoPad::notset;
  bool ceil_mode = false;
};

// Reads auto_pad, pads, strides, dilations and ceil_mode; missing ones get the specification's defaults.
Window read_window(const RawOp& op, Shape kernel);

// Output sizes of the spatial axes: floor((in + pads - window) / stride) + 1, rounded up with ceil_mode, where a
// window must start inside the input or its left padding. Unknown where that is not above zero or makes no sense.
Shape window_output(const Window& window, const Shape& spatial);

// Sets the paddings that auto_pad asks for, given the shapes [N, C, spatial...] of operand and result.
void resolve_pads(Window& window, const Shape& x, const Shape& y);

// Sizes of the spatial axes that a transposed convolution makes. `output_padding` is empty or has one entry an axis.
Shape transposed_output(const Window& window, const Shape& spatial, const std::vector<int64_t>& output_padding);

// TFLite: ceil(in / stride) with SAME padding, ceil((in - window + 1) / stride) with VALID.
int64_t tflite_window_output(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, bool same);
// Whether the op's options say SAME, which is also what absent ones say.
bool tflite_pads_same(const RawOp& op);

}  // namespace narrowcast::ops
