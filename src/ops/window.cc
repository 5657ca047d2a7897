#include "ops/window.h"

namespace narrowcast::ops {
namespace {

AutoPad read_auto_pad(const RawOp& op) {
  const std::string_view text = op.string_or("auto_pad", "NOTSET");
  if (text == "SAME_UPPER") return AutoPad::same_upper;
  if (text == "SAME_LOWER") return AutoPad::same_lower;
  return text == "VALID" ? AutoPad::valid : AutoPad::notset;
}

std::vector<int64_t> sized(std::vector<int64_t> values, std::size_t count, int64_t fallback) {
  if (values.size() != count) values.assign(count, fallback);
  return values;
}

int64_t output_size(const Window& w, std::size_t i, int64_t in) {
  if (in < 0 || w.kernel[i] < 0 || w.strides[i] <= 0) return kUnknownDim;
  const int64_t stride = w.strides[i];
  if (w.pad == AutoPad::same_upper || w.pad == AutoPad::same_lower) return (in + stride - 1) / stride;
  const int64_t extent = (w.kernel[i] - 1) * w.dilations[i] + 1;
  const int64_t room = in + w.pads_begin[i] + w.pads_end[i] - extent;
  if (room < 0) return kUnknownDim;
  int64_t out = (room + (w.ceil_mode ? stride - 1 : 0)) / stride + 1;
  if (w.ceil_mode && (out - 1) * stride >= in + w.pads_begin[i]) --out;
  return out;
}

}  // namespace

Window read_window(const RawOp& op, Shape kernel) {
  Window window;
  const std::size_t axes = kernel.size();
  window.kernel = std::move(kernel);
  window.strides = sized(op.ints("strides"), axes, 1);
  window.dilations = sized(op.ints("dilations"), axes, 1);
  window.pad = read_auto_pad(op);
  window.ceil_mode = op.int_or("ceil_mode", 0) != 0;
  std::vector<int64_t> pads = op.ints("pads");
  if (pads.size() != 2 * axes || window.pad != AutoPad::notset) pads.assign(2 * axes, 0);
  window.pads_begin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(axes));
  window.pads_end.assign(pads.begin() + static_cast<std::ptrdiff_t>(axes), pads.end());
  return window;
}

Shape window_output(const Window& window, const Shape& spatial) {
  Shape out;
  for (std::size_t i = 0; i < spatial.size() && i < window.kernel.size(); ++i) {
    out.push_back(output_size(window, i, spatial[i]));
  }
  return out;
}

}  // namespace narrowcast::ops
