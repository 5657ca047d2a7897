#include "ops/conv/conv_shape.h"

#include "ops/sizes.h"
#include "ops/window.h"

namespace narrowcast::ops {
namespace {

// Ranks of data and weight, when both are known.
// Errors: malformed, when they differ or leave no spatial axis.
Status check_ranks(const InferContext& ctx, const Shape& x, const Shape& w) {
  if (x.size() == w.size() && x.size() >= 3) return {};
  return fail(ErrorCode::malformed, ctx.op().type + ": shapes " + shape_text(x) + " and " + shape_text(w) +
                                        " are not those of an input and a weight.");
}

// The kernel's sizes: the weight's, where they are known.
Shape kernel_of(const RawOp& op, const Shape& w) {
  Shape kernel(w.begin() + 2, w.end());
  const std::vector<int64_t> stated = op.ints("kernel_shape");
  for (std::size_t i = 0; i < kernel.size() && stated.size() == kernel.size(); ++i) {
    if (kernel[i] < 0) kernel[i] = stated[i];
  }
  return kernel;
}

Status infer_onnx(InferContext& ctx, std::size_t weight_slot, DType dtype) {
  const Shape* x = ctx.shape(0);
  const Shape* w = ctx.shape(weight_slot);
  ctx.set(0, dtype, std::nullopt);
  if (x == nullptr || w == nullptr) return {};
  NC_CHECK(check_ranks(ctx, *x, *w));
  Shape out = window_output(read_window(ctx.op(), kernel_of(ctx.op(), *w)), Shape(x->begin() + 2, x->end()));
  out.insert(out.begin(), {(*x)[0], (*w)[0]});
  ctx.set(0, dtype, std::move(out));
  return {};
}

// `axes` names the spatial axes between the batch and the channels, as the options spell them.
Status infer_tflite(InferContext& ctx, int64_t channels, const Shape& kernel, std::span<const std::string_view> axes) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr || x->size() != axes.size() + 2) return {};
  const RawOp& op = ctx.op();
  Shape out{(*x)[0]};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::string stride = "stride_" + std::string(axes[i]);
    const std::string dilation = "dilation_" + std::string(axes[i]) + "_factor";
    out.push_back(tflite_window_output((*x)[i + 1], kernel[i], op.int_or(stride, 0), op.int_or(dilation, 1),
                                       tflite_pads_same(op)));
  }
  out.push_back(channels);
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

constexpr std::string_view kPlane[] = {"h", "w"};
constexpr std::string_view kVolume[] = {"d", "h", "w"};

}  // namespace

Status infer_conv(InferContext& ctx) { return infer_onnx(ctx, 1, ctx.dtype(0)); }
Status infer_conv_integer(InferContext& ctx) { return infer_onnx(ctx, 1, DType::i32); }
Status infer_qlinear_conv(InferContext& ctx) { return infer_onnx(ctx, 3, ctx.dtype(7)); }

Status infer_conv_transpose(InferContext& ctx) {
  const Shape* x = ctx.shape(0);
  const Shape* w = ctx.shape(1);
  ctx.set(0, ctx.dtype(0), std::nullopt);
  if (x == nullptr || w == nullptr) return {};
  NC_CHECK(check_ranks(ctx, *x, *w));
  const RawOp& op = ctx.op();
  const Window window = read_window(op, kernel_of(op, *w));
  Shape out = transposed_output(window, Shape(x->begin() + 2, x->end()), op.ints("output_padding"));
  // The attribute states the spatial sizes; some writers put the whole shape there.
  const std::vector<int64_t> stated = op.ints("output_shape");
  if (stated.size() >= out.size() && !stated.empty()) {
    out.assign(stated.end() - static_cast<std::ptrdiff_t>(out.size()), stated.end());
  }
  out.insert(out.begin(), {(*x)[0], multiply_sizes((*w)[1], op.int_or("group", 1))});
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

Status infer_conv_2d(InferContext& ctx) {
  const Shape* w = ctx.shape(1);
  if (w == nullptr || w->size() != 4) return {};
  return infer_tflite(ctx, (*w)[0], {(*w)[1], (*w)[2]}, kPlane);
}

Status infer_depthwise_conv_2d(InferContext& ctx) {
  const Shape* w = ctx.shape(1);
  if (w == nullptr || w->size() != 4) return {};
  return infer_tflite(ctx, (*w)[3], {(*w)[1], (*w)[2]}, kPlane);
}

Status infer_conv_3d(InferContext& ctx) {
  const Shape* w = ctx.shape(1);
  if (w == nullptr || w->size() != 5) return {};
  return infer_tflite(ctx, (*w)[4], {(*w)[0], (*w)[1], (*w)[2]}, kVolume);
}

Status infer_transpose_conv(InferContext& ctx) {
  ctx.set(0, ctx.dtype(2), std::nullopt);
  if (const auto* shape = ctx.ints(0)) ctx.set(0, ctx.dtype(2), Shape(*shape));
  return {};
}

}  // namespace narrowcast::ops
