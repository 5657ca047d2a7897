#include "ops/conv/transpose_window.h"

#include <algorithm>

#include "ops/finish.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
bool cuts_are_stated(const RawOp& op) {
  const std::string_view pad = op.string_or("auto_pad", "NOTSET");
  return op.find("output_shape") == nullptr && pad != "SAME_UPPER" && pad != "SAME_LOWER";
}

Status resolve_cuts(const RawOp& op, Window& window, const Shape& x, const Shape& y) {
  const std::vector<int64_t> more = op.ints("output_padding");
  // A stated size lets windows through that give none of their own.
  const auto makes_sense = [](int64_t n) { return n >= 1 && is_modest(n); };
  for (const auto* list : {&window.kernel, &window.strides, &window.dilations}) {
    if (std::ranges::all_of(*list, makes_sense)) continue;
    return fail(ErrorCode::malformed, op.type + ": a kernel, stride or dilation is not above zero.");
  }
  for (std::size_t i = 0; i < window.kernel.size(); ++i) {
    if (!cuts_are_stated(op)) {
      const int64_t full = window.strides[i] * (x[i + 2] - 1) + (window.kernel[i] - 1) * window.dilations[i] + 1 +
                           (i < more.size() ? more[i] : 0);
      const int64_t total = std::max<int64_t>(full - y[i + 2], 0);
      window.pads_begin[i] = window.pad == AutoPad::same_upper ? total / 2 : total - total / 2;
      window.pads_end[i] = total - window.pads_begin[i];
    }
    if (window.pads_begin[i] < 0 || window.pads_end[i] < 0) {
      return fail(ErrorCode::unsupported, op.type + " with negative paddings does not run here.");
    }
  }
  return {};
}

Result<kernels::ConvShape> transposed_shape(const RawOp& op, const Window& window, const Shape& w, const Shape* x,
                                            const Shape* y) {
  const std::size_t last = w.size() - 3;
  const bool two = last == 1;
  kernels::ConvShape s;
  s.groups = static_cast<std::size_t>(std::max<int64_t>(op.int_or("group", 1), 1));
  s.in_c = at(w, 0);
  s.out_c = at(w, 1) * s.groups;
  if (s.out_c == 0 || s.in_c == 0 || s.in_c % s.groups != 0) {
    return fail(ErrorCode::malformed,
                op.type + ": a weight of " + shape_text(w) + " does not fit " + std::to_string(s.groups) + " groups.");
  }
  s.kernel_h = two ? at(window.kernel, 0) : 1;
  s.kernel_w = at(window.kernel, last);
  s.stride_h = two ? static_cast<std::size_t>(window.strides[0]) : 1;
  s.stride_w = static_cast<std::size_t>(window.strides[last]);
  s.dilation_h = two ? static_cast<std::size_t>(window.dilations[0]) : 1;
  s.dilation_w = static_cast<std::size_t>(window.dilations[last]);
  s.pad_top = two ? static_cast<std::size_t>(window.pads_begin[0]) : 0;
  s.pad_left = static_cast<std::size_t>(window.pads_begin[last]);
  if (x == nullptr || y == nullptr) return s;
  s.in_h = two ? at(*x, 2) : 1;
  s.in_w = at(*x, last + 2);
  s.out_h = two ? at(*y, 2) : 1;
  s.out_w = at(*y, last + 2);
  return s;
}

Result<kernels::ConvShape> tflite_transposed_shape(const RawOp& op, const Shape& w, const Shape& x, const Shape& y) {
  kernels::ConvShape s;
  s.in_h = at(x, 1);
  s.in_w = at(x, 2);
  s.in_c = at(x, 3);
  s.out_h = at(y, 1);
  s.out_w = at(y, 2);
  s.out_c = at(w, 0);
  s.kernel_h = at(w, 1);
  s.kernel_w = at(w, 2);
  const int64_t stride_h = op.int_or("stride_h", 0);
  const int64_t stride_w = op.int_or("stride_w", 0);
  if (w[3] != x[3] || w[0] != y[3] || x[0] != y[0] || s.out_c == 0 || s.in_c == 0 || stride_h <= 0 || stride_w <= 0) {
    return fail(ErrorCode::malformed, op.type + ": a filter of " + shape_text(w) + " does not make " + shape_text(y) +
                                          " of " + shape_text(x) + ".");
  }
  s.stride_h = static_cast<std::size_t>(stride_h);
  s.stride_w = static_cast<std::size_t>(stride_w);
  // As the convolution pads that would lead from the result back to the image.
  const auto pad = [&](std::size_t out, std::size_t kernel, std::size_t stride) -> std::size_t {
    if (!tflite_pads_same(op) || out == 0) return 0;
    const std::size_t needed = ((out + stride - 1) / stride - 1) * stride + kernel;
    return needed > out ? (needed - out) / 2 : 0;
  };
  s.pad_top = pad(s.out_h, s.kernel_h, s.stride_h);
  s.pad_left = pad(s.out_w, s.kernel_w, s.stride_w);
  return s;
}

}  // namespace narrowcast::ops
