#include "ops/conv/conv_shape.h"

#include "ops/window.h"

namespace narrowcast::ops {
namespace {

constexpr int64_t kTflitePaddingSame = 0;

std::unexpected<Error> bad_rank(std::string_view type) {
  return fail(ErrorCode::malformed, std::string(type) + ": the input and the weight have different ranks.");
}

// out = ceil(in / stride) for SAME; ceil((in - window + 1) / stride) for VALID.
int64_t tflite_output(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, bool same) {
  if (in < 0 || kernel < 0 || stride <= 0) return kUnknownDim;
  const int64_t window = (kernel - 1) * dilation + 1;
  return same ? (in + stride - 1) / stride : (in - window + stride) / stride;
}

Status infer_tflite_conv(InferContext& ctx, int64_t channels) {
  const Shape* x = ctx.shape(0);
  const Shape* w = ctx.shape(1);
  if (x == nullptr || w == nullptr || x->size() != 4 || w->size() != 4) return {};
  const RawOp& op = ctx.op();
  const bool same = op.int_or("padding", kTflitePaddingSame) == kTflitePaddingSame;
  const int64_t h = tflite_output((*x)[1], (*w)[1], op.int_or("stride_h", 0), op.int_or("dilation_h_factor", 1), same);
  const int64_t v = tflite_output((*x)[2], (*w)[2], op.int_or("stride_w", 0), op.int_or("dilation_w_factor", 1), same);
  ctx.set(0, ctx.dtype(0), Shape{(*x)[0], h, v, channels});
  return {};
}

}  // namespace

Status infer_conv(InferContext& ctx) {
  const Shape* x = ctx.shape(0);
  const Shape* w = ctx.shape(1);
  ctx.set(0, ctx.dtype(0), std::nullopt);
  if (x == nullptr || w == nullptr) return {};
  if (x->size() != w->size() || x->size() < 3) return bad_rank("Conv");
  const Shape spatial(w->begin() + 2, w->end());
  Shape out = window_output(read_window(ctx.op(), spatial), Shape(x->begin() + 2, x->end()));
  out.insert(out.begin(), {(*x)[0], (*w)[0]});
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

Status infer_conv_transpose(InferContext& ctx) {
  const Shape* x = ctx.shape(0);
  const Shape* w = ctx.shape(1);
  ctx.set(0, ctx.dtype(0), std::nullopt);
  if (x == nullptr || w == nullptr) return {};
  if (x->size() != w->size() || x->size() < 3) return bad_rank("ConvTranspose");
  const Window window = read_window(ctx.op(), Shape(w->begin() + 2, w->end()));
  const std::vector<int64_t> output_padding = ctx.op().ints("output_padding");
  const std::vector<int64_t> output_shape = ctx.op().ints("output_shape");
  const int64_t group = ctx.op().int_or("group", 1);
  Shape out{(*x)[0], (*w)[1] < 0 ? kUnknownDim : (*w)[1] * group};
  for (std::size_t i = 0; i + 2 < x->size(); ++i) {
    const int64_t in = (*x)[i + 2];
    if (i < output_shape.size()) {
      out.push_back(output_shape[i]);
    } else if (in < 0 || window.kernel[i] < 0) {
      out.push_back(kUnknownDim);
    } else if (window.pad == AutoPad::same_upper || window.pad == AutoPad::same_lower) {
      out.push_back(in * window.strides[i]);
    } else {
      const int64_t extra = i < output_padding.size() ? output_padding[i] : 0;
      out.push_back(window.strides[i] * (in - 1) + extra + (window.kernel[i] - 1) * window.dilations[i] + 1 -
                    window.pads_begin[i] - window.pads_end[i]);
    }
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

Status infer_conv_2d(InferContext& ctx) {
  const Shape* w = ctx.shape(1);
  return infer_tflite_conv(ctx, w != nullptr && !w->empty() ? (*w)[0] : kUnknownDim);
}

Status infer_depthwise_conv_2d(InferContext& ctx) {
  const Shape* w = ctx.shape(1);
  return infer_tflite_conv(ctx, w != nullptr && w->size() == 4 ? (*w)[3] : kUnknownDim);
}

Status infer_transpose_conv(InferContext& ctx) {
  if (const auto* shape = ctx.ints(0)) ctx.set(0, ctx.dtype(2), Shape(*shape));
  return {};
}

}  // namespace narrowcast::ops
