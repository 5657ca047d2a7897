#include "ops/conv/conv_transpose_eval.h"

#include <algorithm>

#include "ops/box.h"
#include "ops/conv/conv_transpose_nd.h"
#include "ops/conv/transpose_window.h"
#include "ops/finish.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

using kernels::ConvShape;

struct PackedTranspose final : Prepared {
  std::size_t pad_top = 0, pad_left = 0;  // the panels are ordered by them
  std::vector<float> panels;
  std::vector<float> bias;  // out_c floats, or none
};

std::unique_ptr<PackedTranspose> pack(const ConvShape& s, const float* w, const kernels::ConvWeightStrides& strides,
                                      const float* bias, const ChannelAffine* affine) {
  if (affine != nullptr && affine->scale.size() != s.out_c) return nullptr;
  auto packed = std::make_unique<PackedTranspose>();
  packed->pad_top = s.pad_top;
  packed->pad_left = s.pad_left;
  if (bias != nullptr) packed->bias.assign(bias, bias + s.out_c);
  const float* scale = nullptr;
  if (affine != nullptr) {
    packed->bias.resize(s.out_c, 0.0F);
    scale = affine->scale.data();
    for (std::size_t i = 0; i < s.out_c; ++i) packed->bias[i] = packed->bias[i] * affine->scale[i] + affine->shift[i];
  }
  packed->panels.resize(kernels::packed_conv_transpose_floats(s));
  kernels::pack_conv_transpose_f32(w, s, strides, scale, packed->panels.data());
  return packed;
}

// The constant bias, or that there is none; nothing when it is made at run time or does not fit.
std::optional<const float*> constant_bias(const PrepareContext& ctx, std::size_t slot, std::size_t out_c) {
  if (!ctx.present(slot)) return nullptr;
  const Tensor* bias = ctx.floats(slot);
  if (bias == nullptr || bias->count() != out_c) return std::nullopt;
  return bias->as<float>();
}

Status check_bias(const EvalContext& ctx, std::size_t slot, std::size_t out_c) {
  const Tensor& bias = ctx.operand(slot);
  if (!ctx.present(slot) || (bias.count() == out_c && bias.dtype == ctx.inferred(0).dtype)) return {};
  return fail(ErrorCode::malformed, ctx.op().type + ": the bias does not fit the weight.");
}

Status run(EvalContext& ctx, const ConvShape& s, std::size_t batch, const float* x, const PackedTranspose& packed,
           const kernels::Epilogue& epilogue, float* y) {
  NC_TRY(uint8_t* const scratch, ctx.scratch(kernels::conv_transpose_scratch_bytes(s)));
  for (std::size_t i = 0; i < batch; ++i) {
    ShiftedEpilogue shifted(epilogue, i * s.pixels());
    kernels::conv_transpose_f32(s, x + i * s.in_h * s.in_w * s.in_c, s.in_c, packed.panels.data(),
                                packed.bias.empty() ? nullptr : packed.bias.data(), y + i * s.pixels() * s.out_c,
                                s.out_c, scratch, shifted.part());
  }
  return {};
}

// What was packed when it is for these cuts, else packed now.
// Errors: unsupported, when the weight was let go of since: the file's shapes foretold other cuts.
class Panels {
 public:
  Result<const PackedTranspose*> get(const EvalContext& ctx, const ConvShape& s, const Tensor& w,
                                     const kernels::ConvWeightStrides& strides, const float* bias) {
    const auto* packed = ctx.prepared<PackedTranspose>();
    if (packed != nullptr && packed->pad_top == s.pad_top && packed->pad_left == s.pad_left) return packed;
    if (w.data == nullptr && w.count() > 0) {
      return fail(ErrorCode::unsupported, ctx.op().type + ": the input has another shape than the model states.");
    }
    now_ = pack(s, w.as<float>(), strides, bias, nullptr);
    return now_.get();
  }

 private:
  std::unique_ptr<PackedTranspose> now_;
};

Status eval_planar(EvalContext& ctx, const Window& window, Tensor& y) {
  const auto groups = static_cast<std::size_t>(std::max<int64_t>(ctx.op().int_or("group", 1), 1));
  if (y.dtype == DType::f64) {
    conv_transpose_nd(ctx.operand(0), ctx.operand(1), ctx.data<double>(2), window, groups, y);
    return {};
  }
  conv_transpose_nd(ctx.operand(0), ctx.operand(1), ctx.data<float>(2), window, groups, y);
  const std::size_t images = std::max<std::size_t>(at(y.shape, 0), 1);
  finish_rows({.clamp = ctx.epilogue().clamp}, y.writable<float>(), images, y.count() / images);
  return {};
}

}  // namespace

Result<std::unique_ptr<Prepared>> prepare_conv_transpose(const PrepareContext& ctx) {
  const Tensor* w = ctx.floats(1);
  if (w == nullptr || w->rank() < 3 || w->rank() > 4 || !cuts_are_stated(ctx.op)) return nullptr;
  Window window = read_window(ctx.op, Shape(w->shape.begin() + 2, w->shape.end()));
  NC_CHECK(resolve_cuts(ctx.op, window, w->shape, w->shape));
  NC_TRY(const ConvShape s, transposed_shape(ctx.op, window, w->shape, nullptr, nullptr));
  const auto bias = constant_bias(ctx, 2, s.out_c);
  if (!bias) return nullptr;
  return pack(s, w->as<float>(), kernels::iohw_strides(s), *bias, ctx.affine);
}

Status eval_conv_transpose(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const Tensor& w = ctx.operand(1);
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  if (w.rank() < 3 || x.rank() != w.rank() || x.shape[1] != w.shape[0] || shape.size() != x.rank()) {
    return fail(ErrorCode::malformed,
                "ConvTranspose: shapes " + shape_text(x.shape) + " and " + shape_text(w.shape) + " do not fit.");
  }
  if (w.dtype != x.dtype || (ctx.present(2) && ctx.operand(2).dtype != x.dtype) ||
      (x.dtype != DType::f32 && x.dtype != DType::f64)) {
    return fail(ErrorCode::unsupported, "ConvTranspose of " + std::string(dtype_name(x.dtype)) + " by " +
                                            std::string(dtype_name(w.dtype)) + " does not run here.");
  }
  Window window = read_window(ctx.op(), Shape(w.shape.begin() + 2, w.shape.end()));
  NC_CHECK(resolve_cuts(ctx.op(), window, x.shape, shape));
  NC_CHECK(check_bias(ctx, 2, at(shape, 1)));
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->count() == 0) return {};
  if (w.rank() > 4 || x.dtype != DType::f32) return eval_planar(ctx, window, *y);
  NC_TRY(const ConvShape s, transposed_shape(ctx.op(), window, w.shape, &x.shape, &y->shape));
  Panels panels;
  NC_TRY(const auto* const packed, panels.get(ctx, s, w, kernels::iohw_strides(s), ctx.data<float>(2)));
  return run(ctx, s, at(x.shape, 0), x.as<float>(), *packed, ctx.epilogue(), y->writable<float>());
}

Result<std::unique_ptr<Prepared>> prepare_transpose_conv(const PrepareContext& ctx) {
  const Tensor* w = ctx.floats(1);
  const Tensor* size = ctx.constants.empty() ? nullptr : ctx.constants[0];
  if (w == nullptr || size == nullptr || w->rank() != 4 || ctx.operands.size() < 3) return nullptr;
  const auto& x = ctx.operands[2].shape;
  const Shape y = integers_of(*size);
  const bool known = x && x->size() == 4 && y.size() == 4 &&
                     std::ranges::all_of(*x, [](int64_t n) { return n >= 0; }) &&
                     std::ranges::all_of(y, [](int64_t n) { return n >= 0; });
  if (!known) return nullptr;
  NC_TRY(const ConvShape s, tflite_transposed_shape(ctx.op, w->shape, *x, y));
  const auto bias = constant_bias(ctx, 3, s.out_c);
  if (!bias) return nullptr;
  return pack(s, w->as<float>(), kernels::ohwi_strides(s), *bias, ctx.affine);
}

Status eval_transpose_conv(EvalContext& ctx) {
  if (!ctx.present(2)) return fail(ErrorCode::malformed, "TRANSPOSE_CONV: the data is missing.");
  return eval_transposed(ctx, ctx.op(), {.x = 2, .w = 1, .bias = 3});
}

Status eval_transposed(EvalContext& ctx, const RawOp& options, TransposedSlots slots) {
  const Tensor& x = ctx.operand(slots.x);
  const Tensor& w = ctx.operand(slots.w);
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  if (x.rank() != 4 || w.rank() != 4 || shape.size() != 4 || x.dtype != DType::f32 || w.dtype != DType::f32) {
    return fail(ErrorCode::unsupported, options.type + " of " + std::string(dtype_name(x.dtype)) + " " +
                                            shape_text(x.shape) + " does not run here.");
  }
  NC_TRY(const kernels::Clamp own, fused_clamp(options));
  NC_TRY(const ConvShape s, tflite_transposed_shape(options, w.shape, x.shape, shape));
  NC_CHECK(check_bias(ctx, slots.bias, s.out_c));
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->count() == 0) return {};
  Panels panels;
  NC_TRY(const auto* const packed, panels.get(ctx, s, w, kernels::ohwi_strides(s), ctx.data<float>(slots.bias)));
  return run(ctx, s, at(x.shape, 0), x.as<float>(), *packed, after_clamp(own, ctx.epilogue()), y->writable<float>());
}

}  // namespace narrowcast::ops
