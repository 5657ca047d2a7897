#include <algorithm>

#include "base/math/sqrt.h"
#include "kernels/lanes/unary.h"
#include "ops/axes.h"
#include "ops/finish.h"
#include "ops/normalization/normalization_eval.h"
#include "ops/reduce/runs.h"

namespace narrowcast::ops {
namespace {

using kernels::ReduceKind;

constexpr float kLeastNorm = 1e-6F;   // L2_NORMALIZATION
constexpr float kLeastWidth = 1e-9F;  // MeanVarianceNormalization

struct Plan {
  Shape sizes;                // in memory order
  std::vector<bool> reduced;  // by axis of them
  std::vector<ReduceStep> steps;
};

Result<Plan> plan_over(const EvalContext& ctx, const std::vector<int64_t>& axes) {
  const Tensor& x = ctx.operand(0);
  if (x.dtype != DType::f32) {
    return fail(ErrorCode::unsupported,
                ctx.op().type + " of " + std::string(dtype_name(x.dtype)) + " does not run here.");
  }
  NC_TRY(const std::vector<bool> marked, mark_axes(ctx.op(), axes, x.rank()));
  Plan plan{memory_shape(x.shape, x.layout), std::vector<bool>(x.rank()), {}};
  for (std::size_t i = 0; i < x.rank(); ++i) plan.reduced[memory_axis(i, x.rank(), x.layout)] = marked[i];
  plan.steps = reduce_steps(plan.sizes, plan.reduced);
  return plan;
}

Result<float*> reduce_into_scratch(EvalContext& ctx, const Plan& plan, ReduceKind kind, const float* x) {
  NC_TRY(uint8_t* const bytes, ctx.scratch(plan.steps.back().results() * sizeof(float)));
  auto* const y = reinterpret_cast<float*>(bytes);
  NC_CHECK(reduce_in_steps(ctx, plan.steps, kind, x, y));
  return y;
}

}  // namespace

Status eval_lp_norm(EvalContext& ctx) {
  const RawOp& op = ctx.op();
  const bool tflite = op.domain == kTfliteDomain;
  const int64_t p = op.int_or("p", 2);
  if (p != 1 && p != 2) return fail(ErrorCode::malformed, op.type + ": p is neither 1 nor 2.");
  NC_TRY(const kernels::Clamp clamp, fused_clamp(op));
  NC_TRY(const Plan plan, plan_over(ctx, {op.int_or("axis", -1)}));
  const float* x = ctx.data<float>(0);
  NC_TRY(float* const norm, reduce_into_scratch(ctx, plan, p == 1 ? ReduceKind::sum_abs : ReduceKind::sum_square, x));
  for (std::size_t i = 0; i < plan.steps.back().results(); ++i) {
    if (p == 2) norm[i] = math::sqrt(norm[i]);
    if (tflite) norm[i] = std::max(norm[i], kLeastNorm);
  }
  NC_TRY(Tensor* const y, ctx.make_over(0, 0));
  for_each_spread(plan.sizes, plan.reduced, [&, to = y->writable<float>()](std::size_t i, std::size_t of) {
    to[i] = norm[of] == 0 ? 0.0F : kernels::clamp_one(x[i] / norm[of], clamp);
  });
  return {};
}

Status eval_mean_variance(EvalContext& ctx) {
  const bool stated = ctx.op().find("axes") != nullptr;
  NC_TRY(const Plan plan, plan_over(ctx, stated ? ctx.op().ints("axes") : std::vector<int64_t>{0, 2, 3}));
  std::size_t n = 1;
  for (const ReduceStep& step : plan.steps) n *= step.n;
  const float* x = ctx.data<float>(0);
  NC_TRY(float* const mean, reduce_into_scratch(ctx, plan, ReduceKind::sum, x));
  const std::size_t results = plan.steps.back().results();
  for (std::size_t i = 0; i < results; ++i) mean[i] /= static_cast<float>(n);
  NC_TRY(Tensor* const y, ctx.make_over(0, 0));
  auto* const to = y->writable<float>();
  for_each_spread(plan.sizes, plan.reduced, [&](std::size_t i, std::size_t of) { to[i] = x[i] - mean[of]; });
  NC_TRY(float* const width, reduce_into_scratch(ctx, plan, ReduceKind::sum_square, to));
  for (std::size_t i = 0; i < results; ++i) {
    width[i] = math::sqrt(width[i] / static_cast<float>(n)) + kLeastWidth;
  }
  for_each_spread(plan.sizes, plan.reduced, [&](std::size_t i, std::size_t of) { to[i] /= width[of]; });
  return {};
}

}  // namespace narrowcast::ops
