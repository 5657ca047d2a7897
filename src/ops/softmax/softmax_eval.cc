#include "ops/softmax/softmax_eval.h"

#include <algorithm>

#include "base/math/exp.h"
#include "base/math/log.h"
#include "kernels/lanes/unary.h"
#include "kernels/softmax/softmax.h"
#include "ops/axes.h"

namespace narrowcast::ops {
namespace {

constexpr int kOneAxisSince = 13;

// The axes as they lie in memory: `n` entries, `inner` apart, make one distribution.
struct Extent {
  std::size_t outer = 1;
  std::size_t n = 1;
  std::size_t inner = 1;
};

std::size_t product(const Shape& sizes, std::size_t begin, std::size_t end) {
  std::size_t count = 1;
  for (std::size_t i = begin; i < end; ++i) count *= static_cast<std::size_t>(sizes[i]);
  return count;
}

Extent along(const Shape& sizes, std::size_t axis) {
  return {product(sizes, 0, axis), static_cast<std::size_t>(sizes[axis]), product(sizes, axis + 1, sizes.size())};
}

// All axes from `axis` on; the channels lie innermost, whether they are among them or not.
Extent from_axis(const Shape& sizes, std::size_t axis, Layout layout) {
  const std::size_t rank = sizes.size();
  if (layout == Layout::plain || axis <= 1) return {product(sizes, 0, axis), product(sizes, axis, rank), 1};
  return {product(sizes, 0, axis - 1), product(sizes, axis - 1, rank - 1), product(sizes, rank - 1, rank)};
}

Result<Extent> extent_of(const EvalContext& ctx) {
  const RawOp& op = ctx.op();
  const Tensor& x = ctx.operand(0);
  const Shape sizes = memory_shape(x.shape, x.layout);
  if (op.domain == kTfliteDomain) return sizes.empty() ? Extent{} : along(sizes, sizes.size() - 1);
  const bool one_axis = op.version >= kOneAxisSince;
  const int64_t stated = op.int_or("axis", one_axis ? -1 : 1);
  const auto rank = static_cast<int64_t>(x.rank());
  if (rank == 0 && (stated == 0 || stated == -1)) return Extent{};
  if (!one_axis && stated == rank) return Extent{x.count(), 1, 1};
  NC_TRY(const std::size_t axis, find_axis(op, stated, x.rank()));
  return one_axis ? along(sizes, memory_axis(axis, x.rank(), x.layout)) : from_axis(sizes, axis, x.layout);
}

template <typename T, typename Each>
void for_each_line(const Extent& e, const T* x, T* y, Each each) {
  for (std::size_t o = 0; o < e.outer; ++o) {
    for (std::size_t i = 0; i < e.inner; ++i) each(x + o * e.n * e.inner + i, y + o * e.n * e.inner + i);
  }
}

template <typename T>
std::size_t first_largest(const Extent& e, const T* x) {
  std::size_t best = 0;
  for (std::size_t k = 1; k < e.n; ++k) {
    const T most = x[best * e.inner];
    const T next = x[k * e.inner];
    if (most < next || (__builtin_isnan(most) && !__builtin_isnan(next))) best = k;
  }
  return best;
}

template <typename T>
void hardmax(const Extent& e, const T* x, T* y) {
  for_each_line(e, x, y, [&](const T* from, T* to) {
    const std::size_t best = first_largest(e, from);
    for (std::size_t k = 0; k < e.n; ++k) to[k * e.inner] = k == best ? T{1} : T{0};
  });
}

void softmax_f64(const Extent& e, bool logarithm, const double* x, double* y) {
  for_each_line(e, x, y, [&](const double* from, double* to) {
    double largest = from[0];
    for (std::size_t k = 1; k < e.n; ++k) largest = largest < from[k * e.inner] ? from[k * e.inner] : largest;
    double sum = 0;
    for (std::size_t k = 0; k < e.n; ++k) sum += math::exp(from[k * e.inner] - largest);
    const double shift = math::log(sum);
    for (std::size_t k = 0; k < e.n; ++k) {
      const double below = from[k * e.inner] - largest;
      to[k * e.inner] = logarithm ? below - shift : math::exp(below) / sum;
    }
  });
}

void softmax_f32(const RawOp& op, const Extent& e, const float* x, float* y) {
  if (op.type == "Hardmax") return hardmax(e, x, y);
  if (op.type == "LogSoftmax" || op.type == "LOG_SOFTMAX") {
    return kernels::log_softmax_f32(x, e.outer, e.n, e.inner, y);
  }
  const float beta = op.float_or("beta", 1);
  if (op.type == "SOFTMAX" && beta != 1) {
    kernels::unary_f32(kernels::UnaryKind::affine)(x, y, e.outer * e.n * e.inner, {beta, 0});
    x = y;
  }
  kernels::softmax_f32(x, e.outer, e.n, e.inner, y);
}

}  // namespace

Status eval_softmax(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const Extent extent, extent_of(ctx));
  NC_TRY(Tensor* const y, ctx.make_over(0, 0));
  if (y->count() == 0) return {};
  if (x.dtype == DType::f64) {
    const double* from = x.as<double>();
    auto* const to = y->writable<double>();
    if (ctx.op().type == "Hardmax") {
      hardmax(extent, from, to);
    } else {
      softmax_f64(extent, ctx.op().type == "LogSoftmax", from, to);
    }
    return {};
  }
  if (x.dtype != DType::f32) {
    return fail(ErrorCode::unsupported,
                ctx.op().type + " of " + std::string(dtype_name(x.dtype)) + " does not run here.");
  }
  softmax_f32(ctx.op(), extent, x.as<float>(), y->writable<float>());
  return {};
}

}  // namespace narrowcast::ops
