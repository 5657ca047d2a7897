#include "ops/conv/conv_eval.h"

#include <algorithm>

#include "ops/conv/conv_nd.h"
#include "ops/conv/image_conv.h"
#include "ops/finish.h"
#include "ops/sizes.h"
#include "ops/window.h"

namespace narrowcast::ops {
namespace {

using kernels::ConvShape;

bool is_image(const Shape& w) { return w.size() == 3 || w.size() == 4; }

// The window of an ONNX convolution, with paddings where they do not depend on the input. A signal is an image of one
// row. Errors: malformed, for a weight that does not fit its groups; unsupported, for negative paddings.
Result<ConvShape> read_conv(const RawOp& op, const Shape& w) {
  const Window window = read_window(op, Shape(w.begin() + 2, w.end()));
  const std::size_t last = w.size() - 3;
  const bool two = last == 1;
  ConvShape s;
  s.groups = static_cast<std::size_t>(std::max<int64_t>(op.int_or("group", 1), 1));
  s.out_c = at(w, 0);
  s.in_c = at(w, 1) * s.groups;
  if (std::ranges::any_of(w, [](int64_t size) { return size == 0; }) || s.out_c % s.groups != 0) {
    return fail(ErrorCode::malformed,
                "Conv: a weight of " + shape_text(w) + " does not fit " + std::to_string(s.groups) + " groups.");
  }
  s.kernel_h = two ? at(window.kernel, 0) : 1;
  s.kernel_w = at(window.kernel, last);
  s.stride_h = two ? static_cast<std::size_t>(window.strides[0]) : 1;
  s.stride_w = static_cast<std::size_t>(window.strides[last]);
  s.dilation_h = two ? static_cast<std::size_t>(window.dilations[0]) : 1;
  s.dilation_w = static_cast<std::size_t>(window.dilations[last]);
  return s;
}

Status check_pads(const Window& window) {
  for (std::size_t i = 0; i < window.pads_begin.size(); ++i) {
    if (window.pads_begin[i] < 0 || window.pads_end[i] < 0) {
      return fail(ErrorCode::unsupported, "Conv with negative paddings does not run here.");
    }
  }
  return {};
}

void add_border(Window& window, const Border* border) {
  if (border == nullptr) return;
  for (std::size_t i = 0; i < window.pads_begin.size(); ++i) {
    window.pads_begin[i] += border->before[i + 2];
    window.pads_end[i] += border->after[i + 2];
  }
}

// What the run adds: sizes and the paddings before the first row and column.
void set_sizes(ConvShape& s, const Shape& x, const Shape& y, const Window& window) {
  const std::size_t last = x.size() - 1;
  const bool two = last == 3;
  s.in_h = two ? at(x, 2) : 1;
  s.in_w = at(x, last);
  s.out_h = two ? at(y, 2) : 1;
  s.out_w = at(y, last);
  s.pad_top = two ? static_cast<std::size_t>(window.pads_begin[0]) : 0;
  s.pad_left = static_cast<std::size_t>(window.pads_begin[last - 2]);
}

ConvWeights onnx_weights(const ConvShape& window, const float* data, const float* bias) {
  return {data, window, kernels::oihw_strides(window), bias};
}

// com.microsoft FusedConv's activation, when a clamp does it.
Result<kernels::Clamp> onnx_clamp(const RawOp& op) {
  const std::string_view activation = op.string_or("activation", "");
  if (activation.empty()) return kernels::Clamp{};
  if (activation == "Relu") return kernels::Clamp{.lo = 0};
  if (activation == "Clip") {
    const auto* entry = op.find("activation_params");
    const auto* params = entry == nullptr ? nullptr : std::get_if<std::vector<float>>(entry);
    if (params != nullptr && params->size() == 2) return kernels::Clamp{(*params)[0], (*params)[1]};
  }
  return fail(ErrorCode::unsupported, "FusedConv with activation " + std::string(activation) + " does not run here.");
}

Result<Tensor*> eval_any_rank(EvalContext& ctx, const Window& window, kernels::Clamp own) {
  NC_TRY(Tensor* const y, ctx.make(0));
  const auto groups = static_cast<std::size_t>(std::max<int64_t>(ctx.op().int_or("group", 1), 1));
  if (y->dtype == DType::f64) {
    conv_nd(ctx.operand(0), ctx.operand(1), ctx.data<double>(2), window, groups, *y);
    return y;
  }
  conv_nd(ctx.operand(0), ctx.operand(1), ctx.data<float>(2), window, groups, *y);
  const std::size_t plane = y->count() / std::max<std::size_t>(at(y->shape, 0), 1);
  finish_rows(after_clamp(own, {.clamp = ctx.epilogue().clamp}), y->writable<float>(), at(y->shape, 0), plane);
  return y;
}

// TFLite's filters are [O, H, W, I], depthwise ones [1, H, W, O].
struct TfliteFilter {
  ConvShape window;
  kernels::ConvWeightStrides strides;
};

Result<TfliteFilter> read_filter(const RawOp& op, const Shape& w, int64_t in_channels) {
  const auto option = [&](std::string_view name) {
    return static_cast<std::size_t>(std::max<int64_t>(op.int_or(name, 1), 1));
  };
  const bool depthwise = op.type == "DEPTHWISE_CONV_2D";
  TfliteFilter filter;
  ConvShape& s = filter.window;
  s.kernel_h = at(w, 1);
  s.kernel_w = at(w, 2);
  s.out_c = at(w, depthwise ? 3 : 0);
  // A filter with fewer channels than the image has is one of groups.
  s.groups = depthwise ? static_cast<std::size_t>(in_channels)
                       : static_cast<std::size_t>(in_channels) / std::max<std::size_t>(at(w, 3), 1);
  s.in_c = static_cast<std::size_t>(in_channels);
  s.stride_h = option("stride_h");
  s.stride_w = option("stride_w");
  s.dilation_h = option("dilation_h_factor");
  s.dilation_w = option("dilation_w_factor");
  const bool fits =
      s.groups > 0 && s.out_c > 0 && s.out_c % s.groups == 0 && (depthwise || s.groups * at(w, 3) == s.in_c);
  if (!fits) return fail(ErrorCode::malformed, op.type + ": a filter of " + shape_text(w) + " does not fit the input.");
  filter.strides =
      depthwise ? kernels::ConvWeightStrides{1, 0, s.kernel_w * s.out_c, s.out_c} : kernels::ohwi_strides(s);
  return filter;
}

std::size_t same_padding(std::size_t in, std::size_t out, std::size_t kernel, std::size_t stride,
                         std::size_t dilation) {
  const std::size_t needed = (out - 1) * stride + (kernel - 1) * dilation + 1;
  return needed > in ? (needed - in) / 2 : 0;
}

void set_tflite_sizes(ConvShape& s, const Shape& x, const Shape& y, bool same, const Border* border) {
  s.in_h = at(x, 1);
  s.in_w = at(x, 2);
  s.out_h = at(y, 1);
  s.out_w = at(y, 2);
  if (border != nullptr) {
    s.pad_top = at(border->before, 1);
    s.pad_left = at(border->before, 2);
  }
  if (!same || s.out_h == 0 || s.out_w == 0) return;
  const Shape seen = with_border(x, border);
  s.pad_top += same_padding(at(seen, 1), s.out_h, s.kernel_h, s.stride_h, s.dilation_h);
  s.pad_left += same_padding(at(seen, 2), s.out_w, s.kernel_w, s.stride_w, s.dilation_w);
}

ConvHints hints_of(const PrepareContext& ctx, std::size_t h_axis, std::size_t w_axis) {
  ConvHints hints{.winograd = ctx.winograd, .affine = ctx.affine};
  const auto& shape = ctx.operands[0].shape;
  if (!shape || shape->size() <= std::max(h_axis, w_axis)) return hints;
  hints.in_h = static_cast<std::size_t>(std::max<int64_t>((*shape)[h_axis], 0));
  hints.in_w = static_cast<std::size_t>(std::max<int64_t>((*shape)[w_axis], 0));
  return hints;
}

// The constant bias, or whether there is none; nothing when it is made at run time or does not fit.
std::optional<const float*> constant_bias(const PrepareContext& ctx, std::size_t out_c) {
  if (!ctx.present(2)) return nullptr;
  const Tensor* bias = ctx.floats(2);
  if (bias == nullptr || bias->count() != out_c) return std::nullopt;
  return bias->as<float>();
}

// The weight is of the input's type, and so is the bias.
Status check_weights(const EvalContext& ctx, std::size_t out_c) {
  const DType dtype = ctx.operand(0).dtype;
  if (ctx.operand(1).dtype != dtype || (ctx.present(2) && ctx.operand(2).dtype != dtype)) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the operands differ in type.");
  }
  if (!ctx.present(2) || ctx.operand(2).count() == out_c) return {};
  return fail(ErrorCode::malformed, ctx.op().type + ": the bias does not fit the weight.");
}

}  // namespace

bool conv_reads_plain(const RawOp& op, const Shape& x) {
  return takes_planar(at(x, 1), static_cast<std::size_t>(std::max<int64_t>(op.int_or("group", 1), 1)));
}

Result<std::unique_ptr<Prepared>> prepare_conv(const PrepareContext& ctx) {
  const Tensor* w = ctx.floats(1);
  if (w == nullptr || !is_image(w->shape)) return nullptr;
  NC_TRY(const ConvShape window, read_conv(ctx.op, w->shape));
  const auto bias = constant_bias(ctx, window.out_c);
  if (!bias) return nullptr;
  return pack_conv(onnx_weights(window, w->as<float>(), *bias), hints_of(ctx, 2, w->rank() - 1));
}

namespace {

Result<Tensor*> convolve(EvalContext& ctx, kernels::Clamp own) {
  const Tensor& x = ctx.operand(0);
  const Tensor& w = ctx.operand(1);
  if (w.rank() < 3 || x.rank() != w.rank() ||
      x.shape[1] != w.shape[1] * std::max<int64_t>(ctx.op().int_or("group", 1), 1)) {
    return fail(ErrorCode::malformed,
                "Conv: shapes " + shape_text(x.shape) + " and " + shape_text(w.shape) + " do not fit.");
  }
  Window window = read_window(ctx.op(), Shape(w.shape.begin() + 2, w.shape.end()));
  if (!ctx.inferred(0).shape) return fail(ErrorCode::malformed, "Conv: the window does not fit the input.");
  resolve_pads(window, with_border(x.shape, ctx.border()), *ctx.inferred(0).shape);
  NC_CHECK(check_pads(window));
  add_border(window, ctx.border());
  NC_CHECK(check_weights(ctx, at(w.shape, 0)));
  if (x.dtype != DType::f32 && x.dtype != DType::f64) {
    return fail(ErrorCode::unsupported, "Conv of " + std::string(dtype_name(x.dtype)) + " does not run here.");
  }
  if (!is_image(w.shape) || x.dtype != DType::f32) return eval_any_rank(ctx, window, own);
  NC_TRY(ConvShape shape, read_conv(ctx.op(), w.shape));
  NC_TRY(Tensor* const y, ctx.make(0));
  set_sizes(shape, x.shape, y->shape, window);
  const auto* packed = ctx.prepared<PackedConv>();
  std::unique_ptr<PackedConv> packed_now;
  if (packed == nullptr) {
    packed_now = pack_conv(onnx_weights(shape, w.as<float>(), ctx.data<float>(2)), {.winograd = false});
    packed = packed_now.get();
  }
  const bool planar = x.layout == Layout::plain && ctx.layout() == Layout::channels_last && at(x.shape, 1) > 1;
  NC_CHECK(run_conv(ctx, shape, at(x.shape, 0), x.as<float>(), planar, *packed, after_clamp(own, ctx.epilogue()),
                    y->writable<float>()));
  return y;
}

// y = clamp(y + z), z plain whatever y's order. Float32.
Status add_plain(const Tensor& z, kernels::Clamp clamp, const Tensor& y) {
  if (z.shape != y.shape || z.dtype != DType::f32 || y.dtype != DType::f32) {
    return fail(ErrorCode::malformed, "FusedConv: what is added does not fit the result.");
  }
  const bool last = y.layout == Layout::channels_last;
  const std::size_t channels = last ? at(y.shape, 1) : 1;
  const std::size_t images = last ? at(y.shape, 0) : 1;
  const std::size_t planes = images * channels;
  if (planes == 0) return {};
  const std::size_t pixels = y.count() / planes;
  float* to = y.writable<float>();
  for (std::size_t i = 0; i < y.count(); ++i) {
    const std::size_t image = i / (pixels * channels);
    const std::size_t from = (image * channels + i % channels) * pixels + i / channels % pixels;
    to[i] = kernels::clamp_one(to[i] + z.as<float>()[from], clamp);
  }
  return {};
}

}  // namespace

Status eval_conv(EvalContext& ctx) {
  NC_TRY(const kernels::Clamp own, onnx_clamp(ctx.op()));
  NC_CHECK(convolve(ctx, own));
  return {};
}

Status eval_fused_conv(EvalContext& ctx) {
  if (!ctx.present(3)) return eval_conv(ctx);
  NC_TRY(const kernels::Clamp own, onnx_clamp(ctx.op()));
  NC_TRY(Tensor* const y, convolve(ctx, {}));
  return add_plain(ctx.operand(3), own, *y);
}

Result<std::unique_ptr<Prepared>> prepare_conv_2d(const PrepareContext& ctx) {
  const Tensor* w = ctx.floats(1);
  if (w == nullptr || w->rank() != 4) return nullptr;
  const auto& x = ctx.operands[0].shape;
  if (!x || x->size() != 4 || (*x)[3] <= 0) return nullptr;
  NC_TRY(const TfliteFilter filter, read_filter(ctx.op, w->shape, (*x)[3]));
  const auto bias = constant_bias(ctx, filter.window.out_c);
  if (!bias) return nullptr;
  return pack_conv({w->as<float>(), filter.window, filter.strides, *bias}, hints_of(ctx, 1, 2));
}

Status eval_conv_2d(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const Tensor& w = ctx.operand(1);
  if (x.rank() != 4 || w.rank() != 4 || x.dtype != DType::f32 || w.dtype != DType::f32) {
    return fail(ErrorCode::unsupported, ctx.op().type + " of " + std::string(dtype_name(x.dtype)) + " " +
                                            shape_text(x.shape) + " does not run here.");
  }
  NC_TRY(const kernels::Clamp own, fused_clamp(ctx.op()));
  NC_TRY(TfliteFilter filter, read_filter(ctx.op(), w.shape, x.shape[3]));
  NC_CHECK(check_weights(ctx, filter.window.out_c));
  NC_TRY(Tensor* const y, ctx.make(0));
  set_tflite_sizes(filter.window, x.shape, y->shape, tflite_pads_same(ctx.op()), ctx.border());
  const auto* packed = ctx.prepared<PackedConv>();
  std::unique_ptr<PackedConv> packed_now;
  if (packed == nullptr) {
    packed_now = pack_conv({w.as<float>(), filter.window, filter.strides, ctx.data<float>(2)}, {.winograd = false});
    packed = packed_now.get();
  }
  return run_conv(ctx, filter.window, at(x.shape, 0), x.as<float>(), false, *packed, after_clamp(own, ctx.epilogue()),
                  y->writable<float>());
}

}  // namespace narrowcast::ops
