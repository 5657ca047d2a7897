#include "ops/reduce/arg_eval.h"

#include "ops/axes.h"
#include "ops/box.h"
#include "ops/elements.h"
#include "ops/reduce/runs.h"

namespace narrowcast::ops {
namespace {

struct Choice {
  bool largest = true;
  bool last = false;  // of equal ones
};

template <typename T>
std::size_t best_of(const Choice& choice, const T* x, std::size_t n, std::size_t step) {
  std::size_t best = 0;
  for (std::size_t k = 1; k < n; ++k) {
    const T value = x[k * step];
    const T held = x[best * step];
    if (is_nan(held)) break;
    const bool better = is_nan(value) || (choice.largest ? held < value : value < held);
    if (better || (choice.last && value == held)) best = k;
  }
  return best;
}

template <typename T>
void find_best(const Choice& choice, const ReduceStep& step, const Tensor& x, const Tensor& y) {
  for (std::size_t o = 0; o < step.outer; ++o) {
    for (std::size_t i = 0; i < step.inner; ++i) {
      const T* line = x.as<T>() + o * step.n * step.inner + i;
      store_int(y, o * step.inner + i, static_cast<int64_t>(best_of(choice, line, step.n, step.inner)));
    }
  }
}

}  // namespace

Status eval_arg(EvalContext& ctx) {
  const RawOp& op = ctx.op();
  const Tensor& x = ctx.operand(0);
  const bool tflite = op.domain == kTfliteDomain;
  const std::vector<int64_t> stated = tflite ? ctx.ints(1) : std::vector<int64_t>{op.int_or("axis", 0)};
  if (stated.size() != 1) return fail(ErrorCode::malformed, op.type + ": the axis is missing.");
  const Choice choice{op.type == "ArgMax" || op.type == "ARG_MAX", op.int_or("select_last_index", 0) != 0};
  NC_TRY(const std::vector<bool> reduced, mark_axes(op, stated, x.rank()));
  const ReduceStep step = reduce_steps(x.shape, reduced).front();
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->count() == 0) return {};
  if (step.n == 0) return fail(ErrorCode::malformed, op.type + ": there is nothing along the axis.");
  if (x.dtype == DType::f32) {
    find_best<float>(choice, step, x, *y);
    return {};
  }
  if (x.dtype == DType::f64) {
    find_best<double>(choice, step, x, *y);
    return {};
  }
  const bool known = visit_int(x.dtype, [&](auto zero) { find_best<decltype(zero)>(choice, step, x, *y); });
  if (known) return {};
  return fail(ErrorCode::unsupported, op.type + " of " + std::string(dtype_name(x.dtype)) + " does not run here.");
}

}  // namespace narrowcast::ops
