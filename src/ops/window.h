// The sliding window that ONNX's convolutions and pools share.
#pragma once

#include "ops/op.h"

namespace narrowcast::ops {

enum class AutoPad : uint8_t { notset, same_upper, same_lower, valid };

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
// window must start inside the input or its left padding.
Shape window_output(const Window& window, const Shape& spatial);

}  // namespace narrowcast::ops
