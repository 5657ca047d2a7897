#include <array>

#include "ops/box.h"
#include "ops/conv/conv_transpose_eval.h"
#include "ops/finish.h"
#include "ops/sizes.h"
#include "ops/window.h"

namespace narrowcast::ops {
namespace {

struct Axis {
  int64_t in, out, kernel, stride, dilation, pad;
};

Axis read_axis(const RawOp& op, const Shape& x, const Shape& w, const Shape& y, std::size_t i,
               const std::string& name) {
  Axis axis{x[i + 1], y[i + 1], w[i], op.int_or("stride_" + name, 1), op.int_or("dilation_" + name + "_factor", 1), 0};
  const int64_t needed = (axis.out - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1;
  if (tflite_pads_same(op) && needed > axis.in) axis.pad = (needed - axis.in) / 2;
  return axis;
}

}  // namespace

// Each output starts from its bias; taps ascend, then input channels.
Status eval_conv_3d(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const Tensor& w = ctx.operand(1);
  NC_TRY(const kernels::Clamp clamp, fused_clamp(ctx.op()));
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  if (x.rank() != 5 || w.rank() != 5 || x.dtype != DType::f32 || w.dtype != DType::f32 || x.shape[4] != w.shape[3] ||
      (ctx.present(2) && (ctx.operand(2).count() != at(w.shape, 4) || ctx.operand(2).dtype != DType::f32))) {
    return fail(ErrorCode::unsupported,
                "CONV_3D of " + shape_text(x.shape) + " by " + shape_text(w.shape) + " does not run here.");
  }
  NC_TRY(Tensor* const y, ctx.make(0));
  const std::array axes{read_axis(ctx.op(), x.shape, w.shape, shape, 0, "d"),
                        read_axis(ctx.op(), x.shape, w.shape, shape, 1, "h"),
                        read_axis(ctx.op(), x.shape, w.shape, shape, 2, "w")};
  const std::size_t in_c = at(x.shape, 4);
  const std::size_t out_c = at(w.shape, 4);
  const float* bias = ctx.data<float>(2);
  float* to = y->writable<float>();
  const std::size_t pixels = out_c == 0 ? 0 : y->count() / out_c;
  for (std::size_t p = 0; p < pixels; ++p, to += out_c) {
    std::array<int64_t, 3> out{};
    std::size_t rest = p;
    for (std::size_t i = 3; i-- > 0;) {
      out[i] = static_cast<int64_t>(rest % at(shape, i + 1));
      rest /= at(shape, i + 1);
    }
    for (std::size_t o = 0; o < out_c; ++o) to[o] = bias == nullptr ? 0 : bias[o];
    const std::size_t taps = at(w.shape, 0) * at(w.shape, 1) * at(w.shape, 2);
    for (std::size_t tap = 0; tap < taps; ++tap) {
      std::size_t offset = rest;  // the image
      const std::array<std::size_t, 3> k{tap / at(w.shape, 2) / at(w.shape, 1), tap / at(w.shape, 2) % at(w.shape, 1),
                                         tap % at(w.shape, 2)};
      bool inside = true;
      for (std::size_t i = 0; i < 3; ++i) {
        const int64_t place = out[i] * axes[i].stride + static_cast<int64_t>(k[i]) * axes[i].dilation - axes[i].pad;
        inside = inside && place >= 0 && place < axes[i].in;
        offset = offset * at(x.shape, i + 1) + static_cast<std::size_t>(place);
      }
      if (!inside) continue;
      for (std::size_t c = 0; c < in_c; ++c) {
        const float* row = w.as<float>() + (tap * in_c + c) * out_c;
        for (std::size_t o = 0; o < out_c; ++o) to[o] += x.as<float>()[offset * in_c + c] * row[o];
      }
    }
  }
  finish_rows({.clamp = clamp}, y->writable<float>(), pixels, out_c);
  return {};
}

}  // namespace narrowcast::ops
