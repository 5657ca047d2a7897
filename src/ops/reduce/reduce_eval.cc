#include "ops/reduce/reduce_eval.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/math/exp.h"
#include "base/math/log.h"
#include "base/math/sqrt.h"
#include "kernels/lanes/binary.h"
#include "kernels/lanes/unary.h"
#include "kernels/reduce/reduce.h"
#include "ops/axes.h"
#include "ops/elements.h"
#include "ops/reduce/runs.h"

namespace narrowcast::ops {
namespace {

using kernels::ReduceKind;
using kernels::UnaryKind;

enum class Kind : uint8_t { sum, mean, max, min, prod, l1, l2, log_sum, log_sum_exp, sum_square };

struct Row {
  std::string_view type;
  Kind kind;
};
constexpr std::array kRows{
    Row{"MEAN", Kind::mean},
    Row{"REDUCE_ALL", Kind::min},
    Row{"REDUCE_ANY", Kind::max},
    Row{"REDUCE_MAX", Kind::max},
    Row{"REDUCE_MIN", Kind::min},
    Row{"REDUCE_PROD", Kind::prod},
    Row{"ReduceL1", Kind::l1},
    Row{"ReduceL2", Kind::l2},
    Row{"ReduceLogSum", Kind::log_sum},
    Row{"ReduceLogSumExp", Kind::log_sum_exp},
    Row{"ReduceMax", Kind::max},
    Row{"ReduceMean", Kind::mean},
    Row{"ReduceMin", Kind::min},
    Row{"ReduceProd", Kind::prod},
    Row{"ReduceSum", Kind::sum},
    Row{"ReduceSumSquare", Kind::sum_square},
    Row{"SUM", Kind::sum},
};

struct Request {
  Kind kind = Kind::sum;
  std::vector<bool> reduced;  // by axis of the shape
  bool keeps_axes = true;
};

Result<Request> read_request(const EvalContext& ctx) {
  const RawOp& op = ctx.op();
  const auto* row = std::ranges::find(kRows, std::string_view(op.type), &Row::type);
  if (row == kRows.end()) return fail(ErrorCode::unsupported, op.type + " does not run here.");
  const bool tflite = op.domain == kTfliteDomain;
  const int since = op.type == "ReduceSum" ? kReduceSumTakesAxes : kOthersTakeAxes;
  const List axes =
      tflite ? read_list(ctx, 1) : read_list(ctx, {.attribute = "axes", .operand_since = since, .slot = 1});
  Request request{.kind = row->kind};
  const std::size_t rank = ctx.operand(0).rank();
  NC_TRY(request.reduced, mark_axes(op, axes.values, rank));
  const bool none = tflite || (op.version >= since && op.int_or("noop_with_empty_axes", 0) != 0);
  if (axes.values.empty() && !none) request.reduced.assign(rank, true);
  request.keeps_axes = tflite ? op.int_or("keep_dims", 0) != 0 : op.int_or("keepdims", 1) != 0;
  return request;
}

std::size_t summands(const std::vector<ReduceStep>& steps) {
  std::size_t count = 1;
  for (const ReduceStep& step : steps) count *= step.n;
  return count;
}

ReduceKind first_kind(Kind kind) {
  switch (kind) {
    case Kind::max:
      return ReduceKind::max;
    case Kind::min:
      return ReduceKind::min;
    case Kind::prod:
      return ReduceKind::prod;
    case Kind::l1:
      return ReduceKind::sum_abs;
    case Kind::l2:
    case Kind::sum_square:
      return ReduceKind::sum_square;
    default:
      return ReduceKind::sum;
  }
}

// m + log(sum(exp(x - m))), m the maximum, or 0 where that is infinite.
Status log_sum_exp(EvalContext& ctx, const Shape& sizes, const std::vector<bool>& reduced,
                   const std::vector<ReduceStep>& steps, const float* x, float* y) {
  const std::size_t results = steps.back().results();
  const auto count = static_cast<std::size_t>(element_count(sizes));
  NC_TRY(uint8_t* const of_largest, ctx.scratch(results * sizeof(float)));
  NC_TRY(uint8_t* const of_powers, ctx.scratch(count * sizeof(float)));
  auto* const largest = reinterpret_cast<float*>(of_largest);
  auto* const powers = reinterpret_cast<float*>(of_powers);
  NC_CHECK(reduce_in_steps(ctx, steps, ReduceKind::max, x, largest));
  for (std::size_t i = 0; i < results; ++i) {
    if (largest[i] - largest[i] != 0) largest[i] = 0;
  }
  for_each_spread(sizes, reduced, [&](std::size_t i, std::size_t of) { powers[i] = x[i] - largest[of]; });
  kernels::unary_f32(UnaryKind::exp)(powers, powers, count, {});
  NC_CHECK(reduce_in_steps(ctx, steps, ReduceKind::sum, powers, y));
  kernels::unary_f32(UnaryKind::log)(y, y, results, {});
  kernels::binary_f32(kernels::BinaryKind::add).vector_vector(y, largest, y, results);
  return {};
}

Status reduce_floats(EvalContext& ctx, Kind kind, const Shape& sizes, const std::vector<bool>& reduced, float* y) {
  const std::vector<ReduceStep> steps = reduce_steps(sizes, reduced);
  const float* x = ctx.data<float>(0);
  if (kind == Kind::log_sum_exp) return log_sum_exp(ctx, sizes, reduced, steps, x, y);
  if (kind == Kind::mean && steps.size() == 1) return reduce_in_steps(ctx, steps, ReduceKind::mean, x, y);
  NC_CHECK(reduce_in_steps(ctx, steps, first_kind(kind), x, y));
  const std::size_t results = steps.back().results();
  const std::size_t n = summands(steps);
  if (kind == Kind::mean && n > 0) {
    for (std::size_t i = 0; i < results; ++i) y[i] /= static_cast<float>(n);
  }
  if (kind == Kind::l2) kernels::unary_f32(UnaryKind::sqrt)(y, y, results, {});
  if (kind == Kind::log_sum) kernels::unary_f32(UnaryKind::log)(y, y, results, {});
  return {};
}

// Other types go through one wide type; `data` is used up and has room for the results.
template <typename Wide, typename Join>
void fold_steps(const std::vector<ReduceStep>& steps, Wide identity, Join join, Wide* data) {
  for (const ReduceStep& step : steps) {
    for (std::size_t o = 0; o < step.outer; ++o) {
      for (std::size_t i = 0; i < step.inner; ++i) {
        Wide total = identity;
        for (std::size_t k = 0; k < step.n; ++k) total = join(total, data[(o * step.n + k) * step.inner + i]);
        data[o * step.inner + i] = total;
      }
    }
  }
}

template <typename Wide>
Wide add(Wide a, Wide b) {
  if constexpr (std::is_floating_point_v<Wide>) return a + b;
  return static_cast<Wide>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
template <typename Wide>
Wide multiply(Wide a, Wide b) {
  if constexpr (std::is_floating_point_v<Wide>) return a * b;
  return static_cast<Wide>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}
template <typename Wide>
Wide magnitude(Wide a) {
  return a < Wide{0} ? multiply<Wide>(a, static_cast<Wide>(-1)) : a;
}

// Bounds of the type that the wide one stands for.
template <typename Wide>
struct Ends {
  Wide lowest, highest;
};

template <typename Wide>
void fold(Kind kind, const std::vector<ReduceStep>& steps, Ends<Wide> ends, std::size_t count, Wide* data) {
  for (std::size_t i = 0; i < count; ++i) {
    if (kind == Kind::l1) data[i] = magnitude(data[i]);
    if (kind == Kind::l2 || kind == Kind::sum_square) data[i] = multiply(data[i], data[i]);
  }
  switch (kind) {
    case Kind::max:
      return fold_steps(steps, ends.lowest, [](Wide a, Wide b) { return is_nan(a) || b < a ? a : b; }, data);
    case Kind::min:
      return fold_steps(steps, ends.highest, [](Wide a, Wide b) { return is_nan(a) || a < b ? a : b; }, data);
    case Kind::prod:
      return fold_steps(steps, Wide{1}, multiply<Wide>, data);
    default:
      return fold_steps(steps, Wide{0}, add<Wide>, data);
  }
}

// What the steps leave in between can be more than there was, and than comes out: of axes without entries.
template <typename Wide>
Result<Wide*> widen(EvalContext& ctx, const std::vector<ReduceStep>& steps) {
  std::size_t results = 0;
  for (const ReduceStep& step : steps) results = std::max(results, step.results());
  const Tensor& x = ctx.operand(0);
  const std::size_t count = x.count();
  NC_TRY(uint8_t* const bytes, ctx.scratch(std::max(count, results) * sizeof(Wide)));
  auto* const data = reinterpret_cast<Wide*>(bytes);
  for (std::size_t i = 0; i < count; ++i) {
    if constexpr (std::is_floating_point_v<Wide>) {
      data[i] = load_real(x, i);
    } else {
      data[i] = static_cast<Wide>(load_int(x, i));
    }
  }
  return data;
}

template <typename Wide>
Status reduce_integers(EvalContext& ctx, Kind kind, const std::vector<ReduceStep>& steps, const Tensor& y) {
  NC_TRY(Wide* const data, widen<Wide>(ctx, steps));
  Ends<Wide> ends{};
  visit_int(y.dtype, [&](auto zero) {
    using T = decltype(zero);
    const bool boolean = y.dtype == DType::boolean;
    ends = {boolean ? Wide{0} : static_cast<Wide>(std::numeric_limits<T>::lowest()),
            boolean ? Wide{1} : static_cast<Wide>(std::numeric_limits<T>::max())};
  });
  fold(kind, steps, ends, ctx.operand(0).count(), data);
  const auto n = static_cast<Wide>(summands(steps));
  for (std::size_t i = 0; i < y.count(); ++i) {
    if (kind == Kind::mean && n > 0) data[i] /= n;
    store_int(y, i, static_cast<int64_t>(data[i]));
  }
  return {};
}

Status reduce_reals(EvalContext& ctx, Kind kind, const std::vector<ReduceStep>& steps, const Shape& sizes,
                    const std::vector<bool>& reduced, const Tensor& y) {
  const std::size_t count = ctx.operand(0).count();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  NC_TRY(double* data, widen<double>(ctx, steps));
  std::vector<double> largest;
  if (kind == Kind::log_sum_exp) {
    NC_TRY(double* const maxima, widen<double>(ctx, steps));
    fold<double>(Kind::max, steps, {-kInfinity, kInfinity}, count, maxima);
    largest.assign(maxima, maxima + y.count());
    for (double& value : largest) value = value - value != 0 ? 0 : value;
    NC_TRY(data, widen<double>(ctx, steps));
    for_each_spread(sizes, reduced, [&](std::size_t i, std::size_t of) { data[i] = math::exp(data[i] - largest[of]); });
  }
  fold<double>(kind, steps, {-kInfinity, kInfinity}, count, data);
  const auto n = static_cast<double>(summands(steps));
  for (std::size_t i = 0; i < y.count(); ++i) {
    double value = data[i];
    if (kind == Kind::mean && n > 0) value /= n;
    if (kind == Kind::l2) value = math::sqrt(value);
    if (kind == Kind::log_sum) value = math::log(value);
    if (kind == Kind::log_sum_exp) value = math::log(value) + largest[i];
    store_real(y, i, value);
  }
  return {};
}

}  // namespace

Status eval_reduce(EvalContext& ctx) {
  NC_TRY(const Request request, read_request(ctx));
  const Tensor& x = ctx.operand(0);
  ReducedResult result;
  NC_CHECK(result.make(ctx, request.reduced, request.keeps_axes));
  const Shape sizes = memory_shape(x.shape, x.layout);
  std::vector<bool> reduced(x.rank());
  for (std::size_t i = 0; i < x.rank(); ++i) reduced[memory_axis(i, x.rank(), x.layout)] = request.reduced[i];
  if (x.dtype == DType::f32) {
    NC_CHECK(reduce_floats(ctx, request.kind, sizes, reduced, reinterpret_cast<float*>(result.data())));
    result.finish();
    return {};
  }
  Tensor y = result.tensor();
  y.data = result.data();
  const std::vector<ReduceStep> steps = reduce_steps(sizes, reduced);
  const bool needs_reals =
      request.kind == Kind::l2 || request.kind == Kind::log_sum || request.kind == Kind::log_sum_exp;
  if (is_real(x.dtype) || needs_reals) {
    NC_CHECK(reduce_reals(ctx, request.kind, steps, sizes, reduced, y));
  } else if (x.dtype == DType::u64) {
    NC_CHECK(reduce_integers<uint64_t>(ctx, request.kind, steps, y));
  } else {
    NC_CHECK(reduce_integers<int64_t>(ctx, request.kind, steps, y));
  }
  result.finish();
  return {};
}

std::optional<kernels::ReduceKind> row_fold(const RowFoldQuery& query) {
  const RawOp& op = query.op;
  const auto* row = std::ranges::find(kRows, std::string_view(op.type), &Row::type);
  const bool tflite = op.domain == kTfliteDomain;
  const bool keeps = tflite ? op.int_or("keep_dims", 0) != 0 : op.int_or("keepdims", 1) != 0;
  const int since = op.type == "ReduceSum" ? kReduceSumTakesAxes : kOthersTakeAxes;
  if (row == kRows.end() || !keeps) return std::nullopt;
  std::vector<int64_t> axes;
  if (tflite || op.version >= since) {
    if (query.constants.size() < 2 || query.constants[1] == nullptr) return std::nullopt;
    axes = integers_of(*query.constants[1]);
  } else {
    axes = op.ints("axes");
  }
  const bool is_last =
      axes.size() == 1 &&
      (axes[0] == -1 || (query.rank && axes[0] >= 0 && static_cast<std::size_t>(axes[0]) + 1 == *query.rank));
  if (!is_last) return std::nullopt;
  switch (row->kind) {
    case Kind::mean:
      return ReduceKind::mean;
    case Kind::sum:
    case Kind::max:
    case Kind::min:
    case Kind::prod:
    case Kind::l1:
    case Kind::sum_square:
      return first_kind(row->kind);
    default:
      return std::nullopt;
  }
}

}  // namespace narrowcast::ops
