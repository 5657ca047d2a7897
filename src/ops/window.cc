#include "ops/window.h"

#include "ops/sizes.h"

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

bool is_size(int64_t value, int64_t least) { return value >= least && is_modest(value); }

// Every number of the window along an axis is one that sums and products of two can be taken of.
bool makes_sense(const Window& w, std::size_t i) {
  return is_size(w.kernel[i], 0) && is_size(w.strides[i], 1) && is_size(w.dilations[i], 1) &&
         is_modest(w.pads_begin[i]) && is_modest(w.pads_end[i]);
}

int64_t ceil_divide(int64_t a, int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

int64_t output_size(const Window& w, std::size_t i, int64_t in) {
  if (!is_size(in, 0) || !makes_sense(w, i)) return kUnknownDim;
  const int64_t stride = w.strides[i];
  if (w.pad == AutoPad::same_upper || w.pad == AutoPad::same_lower) return ceil_divide(in, stride);
  const int64_t extent = (w.kernel[i] - 1) * w.dilations[i] + 1;
  const int64_t room = in + w.pads_begin[i] + w.pads_end[i] - extent;
  if (room < 0) return kUnknownDim;
  int64_t out = (w.ceil_mode ? ceil_divide(room, stride) : room / stride) + 1;
  if (w.ceil_mode && (out - 1) * stride >= in + w.pads_begin[i]) --out;
  return out;
}

int64_t transposed_size(const Window& w, std::size_t i, int64_t in, int64_t output_padding) {
  if (!is_size(in, 0) || !makes_sense(w, i) || !is_modest(output_padding)) return kUnknownDim;
  const int64_t stride = w.strides[i];
  if (w.pad == AutoPad::same_upper || w.pad == AutoPad::same_lower) return in * stride;
  const int64_t grown = stride * (in - 1);
  const int64_t extent = (w.kernel[i] - 1) * w.dilations[i] + 1;
  int64_t out = 0;
  if (__builtin_add_overflow(grown, extent, &out)) return kUnknownDim;
  if (__builtin_add_overflow(out, output_padding - w.pads_begin[i] - w.pads_end[i], &out)) return kUnknownDim;
  return out < 0 ? kUnknownDim : out;
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

void resolve_pads(Window& window, const Shape& x, const Shape& y) {
  if (window.pad != AutoPad::same_upper && window.pad != AutoPad::same_lower) return;
  for (std::size_t i = 0; i < window.kernel.size(); ++i) {
    const int64_t extent = (window.kernel[i] - 1) * window.dilations[i] + 1;
    const int64_t needed = (y[i + 2] - 1) * window.strides[i] + extent - x[i + 2];
    const int64_t total = needed > 0 ? needed : 0;
    const int64_t smaller = total / 2;
    window.pads_begin[i] = window.pad == AutoPad::same_upper ? smaller : total - smaller;
    window.pads_end[i] = total - window.pads_begin[i];
  }
}

Shape transposed_output(const Window& window, const Shape& spatial, const std::vector<int64_t>& output_padding) {
  Shape out;
  for (std::size_t i = 0; i < spatial.size() && i < window.kernel.size(); ++i) {
    out.push_back(transposed_size(window, i, spatial[i], i < output_padding.size() ? output_padding[i] : 0));
  }
  return out;
}

int64_t tflite_window_output(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, bool same) {
  if (!is_size(in, 0) || !is_size(kernel, 0) || !is_size(stride, 1) || !is_size(dilation, 1)) return kUnknownDim;
  if (same) return ceil_divide(in, stride);
  const int64_t window = (kernel - 1) * dilation + 1;
  return in < window ? kUnknownDim : (in - window) / stride + 1;
}

bool tflite_pads_same(const RawOp& op) {
  constexpr int64_t kSame = 0;
  return op.int_or("padding", kSame) == kSame;
}

}  // namespace narrowcast::ops
