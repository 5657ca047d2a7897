#include <algorithm>

#include "kernels/normalize/normalize.h"
#include "ops/normalization/normalization_eval.h"

namespace narrowcast::ops {
namespace {

constexpr int kGroupParametersByChannel = 21;

std::size_t product(const Shape& sizes, std::size_t begin, std::size_t end) {
  std::size_t count = 1;
  for (std::size_t i = begin; i < end; ++i) count *= static_cast<std::size_t>(sizes[i]);
  return count;
}

// One number a channel, from one a group where the operand has those.
Result<const float*> by_channel(EvalContext& ctx, std::size_t slot, const kernels::GroupNorm& p, bool of_groups) {
  const Tensor& values = ctx.operand(slot);
  if (values.dtype != DType::f32) {
    return fail(ErrorCode::malformed, ctx.op().type + ": operand " + std::to_string(slot) + " is not float32.");
  }
  if (values.count() == p.channels && !of_groups) return values.as<float>();
  if (values.count() != (of_groups ? p.groups : p.channels)) {
    return fail(ErrorCode::malformed,
                ctx.op().type + ": operand " + std::to_string(slot) + " does not fit the channels.");
  }
  NC_TRY(uint8_t* const bytes, ctx.scratch(p.channels * sizeof(float)));
  auto* const spread = reinterpret_cast<float*>(bytes);
  for (std::size_t c = 0; c < p.channels; ++c) spread[c] = values.as<float>()[c / (p.channels / p.groups)];
  return spread;
}

Status check_real(const EvalContext& ctx) {
  if (ctx.operand(0).dtype == DType::f32) return {};
  return fail(ErrorCode::unsupported,
              ctx.op().type + " of " + std::string(dtype_name(ctx.operand(0).dtype)) + " does not run here.");
}

}  // namespace

Status eval_group_norm(EvalContext& ctx) {
  NC_CHECK(check_real(ctx));
  const Tensor& x = ctx.operand(0);
  const RawOp& op = ctx.op();
  if (x.rank() < 2) return fail(ErrorCode::malformed, op.type + ": the input has no channels.");
  const bool instance = op.type == "InstanceNormalization";
  kernels::GroupNorm p;
  p.batch = static_cast<std::size_t>(x.shape[0]);
  p.channels = static_cast<std::size_t>(x.shape[1]);
  p.pixels = product(x.shape, 2, x.rank());
  const int64_t groups = instance ? x.shape[1] : op.int_or("num_groups", 1);
  if (x.count() > 0 && (groups <= 0 || x.shape[1] % groups != 0)) {
    return fail(ErrorCode::malformed, op.type + ": " + std::to_string(groups) + " groups do not divide " +
                                          std::to_string(x.shape[1]) + " channels.");
  }
  p.groups = static_cast<std::size_t>(groups);
  p.epsilon = op.float_or("epsilon", 1e-5F);
  NC_TRY(Tensor* const y, ctx.make_over(0, 0));
  if (y->count() == 0) return {};
  const bool of_groups = !instance && op.version < kGroupParametersByChannel;
  NC_TRY(p.gamma, by_channel(ctx, 1, p, of_groups));
  NC_TRY(p.beta, by_channel(ctx, 2, p, of_groups));
  if (x.layout == Layout::plain) {
    kernels::group_norm_nchw_f32(x.as<float>(), p, y->writable<float>());
    return {};
  }
  NC_TRY(uint8_t* const scratch, ctx.scratch(3 * p.channels * sizeof(float)));
  kernels::group_norm_nhwc_f32(x.as<float>(), p, y->writable<float>(), reinterpret_cast<float*>(scratch));
  return {};
}

Status eval_lrn(EvalContext& ctx) {
  NC_CHECK(check_real(ctx));
  const Tensor& x = ctx.operand(0);
  const RawOp& op = ctx.op();
  const bool tflite = op.domain == kTfliteDomain;
  if (x.rank() < 2) return fail(ErrorCode::malformed, op.type + ": the input has no channels.");
  const Shape sizes = memory_shape(x.shape, x.layout);
  const std::size_t axis = tflite ? x.rank() - 1 : memory_axis(1, x.rank(), x.layout);
  const int64_t size = tflite ? op.int_or("radius", 0) : op.int_or("size", 0);
  if (size < (tflite ? 0 : 1) || size > INT32_MAX) {
    return fail(ErrorCode::malformed, op.type + ": a window of " + std::to_string(size) + " makes no sense.");
  }
  kernels::Lrn p;
  p.outer = product(sizes, 0, axis);
  p.channels = static_cast<std::size_t>(sizes[axis]);
  p.inner = product(sizes, axis + 1, sizes.size());
  const auto window = static_cast<std::size_t>(size);
  // Further channels than there are add nothing.
  p.below = std::min(tflite ? window : (window - 1) / 2, p.channels);
  p.above = std::min(tflite ? window : window / 2, p.channels);
  p.alpha = tflite ? op.float_or("alpha", 0) : op.float_or("alpha", 1e-4F) / static_cast<float>(size);
  p.beta = op.float_or("beta", tflite ? 0.0F : 0.75F);
  p.bias = op.float_or("bias", tflite ? 0.0F : 1.0F);
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->count() == 0) return {};
  NC_TRY(uint8_t* const scratch, ctx.scratch((p.channels + p.below + p.above) * sizeof(float)));
  kernels::lrn_f32(x.as<float>(), p, y->writable<float>(), reinterpret_cast<float*>(scratch));
  return {};
}

}  // namespace narrowcast::ops
