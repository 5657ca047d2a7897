#include "ops/pool/pool_eval.h"

#include <algorithm>

#include "kernels/lanes/unary.h"
#include "kernels/reduce/reduce.h"
#include "ops/box.h"
#include "ops/pool/pool_nd.h"
#include "ops/window.h"

namespace narrowcast::ops {
namespace {

using kernels::Pool2d;
using kernels::PoolAxis;

std::unexpected<Error> does_not_run(const EvalContext& ctx) {
  return fail(ErrorCode::unsupported,
              ctx.op().type + " of " + std::string(dtype_name(ctx.operand(0).dtype)) + " does not run here.");
}

// A signal is an image of one row.
Pool2d image_of(const Shape& x, const std::vector<PoolAxis>& axes) {
  Pool2d pool{static_cast<std::size_t>(x[0]), static_cast<std::size_t>(x[1]), {}, axes.back()};
  if (axes.size() == 2) pool.y = axes[0];
  return pool;
}

Status max_pool_image(EvalContext& ctx, const Pool2d& pool, const float* x, float* y) {
  if (!kernels::separable_max_pool_pays(pool)) {
    kernels::max_pool_f32(x, pool, y);
    return {};
  }
  NC_TRY(uint8_t* const scratch, ctx.scratch(pool.y.in * pool.x.out * pool.channels * sizeof(float)));
  kernels::max_pool_separable_f32(x, pool, y, reinterpret_cast<float*>(scratch));
  return {};
}

Status eval_max_pool(EvalContext& ctx, const std::vector<PoolAxis>& axes, Tensor& y) {
  const Tensor& x = ctx.operand(0);
  const bool column_major = ctx.op().int_or("storage_order", 0) != 0;
  int64_t* indices = nullptr;
  if (ctx.wanted(1)) {
    NC_TRY(Tensor* const where, ctx.make(1));
    indices = where->writable<int64_t>();
  }
  if (y.count() == 0) return {};
  const bool image = x.dtype == DType::f32 && x.layout == Layout::channels_last;
  if (image && indices == nullptr)
    return max_pool_image(ctx, image_of(x.shape, axes), x.as<float>(), y.writable<float>());
  if (image) {
    kernels::max_pool_with_indices_f32(x.as<float>(), image_of(x.shape, axes), column_major, y.writable<float>(),
                                       indices);
    return {};
  }
  switch (x.dtype) {
    case DType::f32:
      max_pool_nd<float>(x, axes, column_major, y, indices);
      return {};
    case DType::f64:
      max_pool_nd<double>(x, axes, column_major, y, indices);
      return {};
    case DType::i8:
      max_pool_nd<int8_t>(x, axes, column_major, y, indices);
      return {};
    case DType::u8:
      max_pool_nd<uint8_t>(x, axes, column_major, y, indices);
      return {};
    default:
      return does_not_run(ctx);
  }
}

}  // namespace

Status eval_pool(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  NC_TRY(const std::vector<PoolAxis> axes, read_pool_axes(ctx, shape));
  NC_CHECK(check_taps(ctx, axes));
  NC_TRY(Tensor* const y, ctx.make(0));
  if (ctx.op().type == "MaxPool") return eval_max_pool(ctx, axes, *y);
  if (x.dtype != DType::f32) return does_not_run(ctx);
  if (y->count() == 0) return {};
  if (ctx.op().type == "LpPool") {
    lp_pool_nd(x, axes, std::max<int64_t>(ctx.op().int_or("p", 2), 1), *y);
    return {};
  }
  const bool count_pads = ctx.op().int_or("count_include_pad", 0) != 0;
  if (x.layout == Layout::channels_last) {
    kernels::average_pool_f32(x.as<float>(), image_of(x.shape, axes), count_pads, y->writable<float>());
  } else {
    average_pool_nd(x, axes, count_pads, *y);
  }
  return {};
}

Status eval_global_pool(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  if (x.dtype != DType::f32) return does_not_run(ctx);
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->count() == 0) return {};
  const bool last = x.layout == Layout::channels_last;
  const auto channels = static_cast<std::size_t>(x.shape[1]);
  const std::size_t images = y->count() / channels;
  const std::size_t pixels = x.count() / y->count();
  const float* from = x.as<float>();
  auto* const to = y->writable<float>();
  if (ctx.op().type == "GlobalLpPool") {
    const int64_t p = std::max<int64_t>(ctx.op().int_or("p", 2), 1);
    for (std::size_t i = 0; i < y->count(); ++i) {
      const float* line = last ? from + i / channels * pixels * channels + i % channels : from + i * pixels;
      double sum = 0;
      for (std::size_t k = 0; k < pixels; ++k) sum += lp_term(static_cast<double>(line[k * (last ? channels : 1)]), p);
      to[i] = static_cast<float>(lp_root(sum, p));
    }
    return {};
  }
  const bool average = ctx.op().type == "GlobalAveragePool";
  const kernels::ReduceF32 reduce = kernels::reduce_f32(average ? kernels::ReduceKind::mean : kernels::ReduceKind::max);
  if (last) {
    reduce(from, images, pixels, channels, to);
  } else {
    reduce(from, images * channels, pixels, 1, to);
  }
  return {};
}

Status eval_max_unpool(EvalContext& ctx) {
  const RawOp& op = ctx.op();
  const Tensor& x = ctx.operand(0);
  const Tensor& indices = ctx.operand(1);
  NC_TRY(const unsigned width, element_width(op, x.dtype));
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  if (x.rank() < 3 || shape.size() != x.rank() || indices.count() != x.count() || indices.dtype != DType::i64) {
    return fail(ErrorCode::malformed, op.type + ": the operands do not fit each other.");
  }
  // Indices count in the shape that the pool took its operand of, which is not always that of the result.
  Shape pooled =
      transposed_output(read_window(op, op.ints("kernel_shape")), Shape(x.shape.begin() + 2, x.shape.end()), {});
  pooled.insert(pooled.begin(), {x.shape[0], x.shape[1]});
  if (pooled.size() != shape.size() || element_count(pooled) < 0) {
    return fail(ErrorCode::malformed, op.type + ": the kernel does not fit the shape " + shape_text(x.shape) + ".");
  }
  NC_TRY(Tensor* const y, ctx.make(0));
  std::fill_n(y->writable<uint8_t>(), y->bytes(), uint8_t{0});
  for (std::size_t i = 0; i < x.count(); ++i) {
    int64_t rest = indices.as<int64_t>()[i];
    std::size_t offset = 0;
    std::size_t scale = 1;
    bool inside = rest >= 0 && rest < element_count(pooled);
    for (std::size_t axis = shape.size(); inside && axis-- > 0;) {
      const int64_t place = rest % pooled[axis];
      rest /= pooled[axis];
      inside = place < shape[axis];
      offset += static_cast<std::size_t>(place) * scale;
      scale *= static_cast<std::size_t>(shape[axis]);
    }
    if (!inside) return fail(ErrorCode::malformed, op.type + ": an index lies outside the result.");
    std::copy_n(x.data + i * width, width, y->writable<uint8_t>() + offset * width);
  }
  return {};
}

Status eval_pool_2d(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const std::string& type = ctx.op().type;
  if (x.dtype != DType::f32) return does_not_run(ctx);
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  NC_TRY(Pool2d pool, read_pool_2d(ctx, shape));
  NC_CHECK(check_taps(ctx, {pool.y, pool.x}));
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->count() == 0) return {};
  auto* const to = y->writable<float>();
  if (type == "MAX_POOL_2D") return max_pool_image(ctx, pool, x.as<float>(), to);
  if (type == "AVERAGE_POOL_2D") {
    kernels::average_pool_f32(x.as<float>(), pool, false, to);
    return {};
  }
  NC_TRY(uint8_t* const scratch, ctx.scratch(x.bytes()));
  auto* const squares = reinterpret_cast<float*>(scratch);
  kernels::unary_f32(kernels::UnaryKind::square)(x.as<float>(), squares, x.count(), {});
  const kernels::LaneParams bounds{pool.lo, pool.hi};
  pool.lo = kernels::Clamp{}.lo;
  pool.hi = kernels::Clamp{}.hi;
  kernels::average_pool_f32(squares, pool, false, to);
  kernels::unary_f32(kernels::UnaryKind::sqrt)(to, to, y->count(), {});
  kernels::unary_f32(kernels::UnaryKind::clamp)(to, to, y->count(), bounds);
  return {};
}

}  // namespace narrowcast::ops
