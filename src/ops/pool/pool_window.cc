#include "ops/pool/pool_window.h"

#include "ops/finish.h"
#include "ops/window.h"

namespace narrowcast::ops {
namespace {

using kernels::PoolAxis;

// Coordinates in the padded input fit 31 bits, also where std::size_t has 32.
Status check_axis(const RawOp& op, const PoolAxis& axis) {
  constexpr uint64_t kMost = INT32_MAX;
  const uint64_t steps = axis.out == 0 ? 0 : axis.out - 1;
  const bool small = axis.in <= kMost && axis.out <= kMost && axis.kernel <= kMost && axis.stride <= kMost &&
                     axis.dilation <= kMost && axis.pad_begin <= kMost && axis.pad_end <= kMost;
  const bool fits = small && steps * axis.stride <= kMost && uint64_t{axis.kernel} * axis.dilation <= kMost &&
                    steps * axis.stride + uint64_t{axis.kernel} * axis.dilation <= kMost &&
                    uint64_t{axis.in} + axis.pad_begin + axis.pad_end <= kMost;
  if (fits && axis.stride > 0 && axis.dilation > 0) return {};
  return fail(ErrorCode::unsupported, op.type + ": windows of this size do not run here.");
}

std::size_t same_padding(const PoolAxis& axis) {
  const std::size_t needed = (axis.out - 1) * axis.stride + axis.kernel;
  return needed > axis.in ? (needed - axis.in) / 2 : 0;
}

}  // namespace

Result<std::vector<PoolAxis>> read_pool_axes(const EvalContext& ctx, const Shape& result) {
  const RawOp& op = ctx.op();
  const Shape& x = ctx.operand(0).shape;
  Window window = read_window(op, op.ints("kernel_shape"));
  if (window.kernel.size() + 2 != x.size() || result.size() != x.size()) {
    return fail(ErrorCode::malformed, op.type + ": the kernel does not fit the shape " + shape_text(x) + ".");
  }
  resolve_pads(window, x, result);
  std::vector<PoolAxis> axes(window.kernel.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (window.pads_begin[i] < 0 || window.pads_end[i] < 0) {
      return fail(ErrorCode::unsupported, op.type + " with negative paddings does not run here.");
    }
    axes[i] = {static_cast<std::size_t>(x[i + 2]),
               static_cast<std::size_t>(result[i + 2]),
               static_cast<std::size_t>(window.kernel[i]),
               static_cast<std::size_t>(window.strides[i]),
               static_cast<std::size_t>(window.dilations[i]),
               static_cast<std::size_t>(window.pads_begin[i]),
               static_cast<std::size_t>(window.pads_end[i])};
    NC_CHECK(check_axis(op, axes[i]));
  }
  return axes;
}

Result<kernels::Pool2d> read_pool_2d(const EvalContext& ctx, const Shape& result) {
  const RawOp& op = ctx.op();
  const Shape& x = ctx.operand(0).shape;
  if (x.size() != 4) return fail(ErrorCode::malformed, op.type + ": " + shape_text(x) + " is no image.");
  kernels::Pool2d pool;
  pool.batch = static_cast<std::size_t>(x[0]);
  pool.channels = static_cast<std::size_t>(x[3]);
  const auto read = [&](PoolAxis& axis, std::size_t at, const char* filter, const char* stride) -> Status {
    axis.in = static_cast<std::size_t>(x[at]);
    axis.out = static_cast<std::size_t>(result[at]);
    axis.kernel = static_cast<std::size_t>(op.int_or(filter, 0));
    axis.stride = static_cast<std::size_t>(op.int_or(stride, 0));
    NC_CHECK(check_axis(op, axis));
    if (tflite_pads_same(op) && axis.out > 0) axis.pad_begin = same_padding(axis);
    return {};
  };
  NC_CHECK(read(pool.y, 1, "filter_height", "stride_h"));
  NC_CHECK(read(pool.x, 2, "filter_width", "stride_w"));
  NC_TRY(const kernels::Clamp clamp, fused_clamp(op));
  pool.lo = clamp.lo;
  pool.hi = clamp.hi;
  return pool;
}

Status check_taps(const EvalContext& ctx, const std::vector<PoolAxis>& axes) {
  for (const PoolAxis& axis : axes) {
    for (std::size_t o = 0; o < axis.out; ++o) {
      if (axis.taps(o, 0, 0).count() == 0) {
        return fail(ErrorCode::unsupported, ctx.op().type + ": a window lies in the padding as a whole.");
      }
    }
  }
  return {};
}

}  // namespace narrowcast::ops
