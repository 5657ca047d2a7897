#include <limits>

#include "ops/elements.h"
#include "ops/elementwise.h"
#include "ops/lane.h"
#include "ops/lift.h"

namespace narrowcast::ops {
namespace {

// The bounds are attributes before opset 11. A runtime fuses them into the op before only while they stay exact.
Rule clip_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}}}; }

constexpr int kBoundsAreOperands = 11;

// A bound is an attribute, an operand, or open.
std::optional<float> bound(const LaneQuery& query, std::string_view attribute, std::size_t slot, float open) {
  if (query.op.version < kBoundsAreOperands) return query.op.float_or(attribute, open);
  if (slot >= query.operands.size() || query.operands[slot] == nullptr) return open;
  return query.scalar(slot);
}

// Where a bound is an operand, the planner of chains must know it: `operands` holds it, or the chain ends before.
std::optional<Lane> clip_lane(const LaneQuery& query) {
  constexpr float kOpen = std::numeric_limits<float>::infinity();
  const auto lo = bound(query, "min", 1, -kOpen);
  const auto hi = bound(query, "max", 2, kOpen);
  if (!lo || !hi) return std::nullopt;
  return Lane{.unary = kernels::UnaryKind::clamp, .params = {*lo, *hi}};
}

template <typename T>
Status clip_elements(EvalContext& ctx) {
  NC_TRY(Tensor* const y, ctx.make(0));
  const T* lo = ctx.data<T>(1);
  const T* hi = ctx.data<T>(2);
  for (std::size_t i = 0; i < y->count(); ++i) {
    T x = ctx.data<T>(0)[i];
    if (lo != nullptr && x < *lo) x = *lo;
    if (hi != nullptr && x > *hi) x = *hi;
    y->writable<T>()[i] = x;
  }
  return {};
}

Status eval_clip(EvalContext& ctx) {
  for (std::size_t slot = 1; slot < 3; ++slot) {
    if (ctx.present(slot) && (ctx.operand(slot).count() != 1 || ctx.operand(slot).dtype != ctx.operand(0).dtype)) {
      return fail(ErrorCode::malformed, "Clip: a bound is no scalar of the operand's type.");
    }
  }
  if (ctx.operand(0).dtype == DType::f32) return eval_lane<clip_lane>(ctx);
  if (ctx.operand(0).dtype == DType::f64) return clip_elements<double>(ctx);
  Status status;
  const bool known = visit_int(ctx.operand(0).dtype, [&](auto zero) { status = clip_elements<decltype(zero)>(ctx); });
  if (known) return status;
  return fail(ErrorCode::unsupported, "Clip of " + std::string(dtype_name(ctx.operand(0).dtype)) + " does not run.");
}

// A bound that is left out stays so; one that is given has the operand's type.
Status lift_bounds(LiftContext& ctx) {
  std::size_t slot = 1;
  for (const char* name : {"min", "max"}) {
    if (ctx.op().find(name) != nullptr) {
      NC_TRY(const ValueId bound, ctx.add_scalar(name, ctx.operand(0).type.dtype, ctx.op().float_or(name, 0)));
      ctx.set_operand(slot, bound);
      ctx.drop_attribute(name);
    }
    ++slot;
  }
  return {};
}

constexpr LiftStep kLifts[] = {{kBoundsAreOperands, lift_bounds}};

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Clip",
     .first_version = 1,
     .last_version = 13,
     .infer = infer_like_first,
     .rule = clip_rule,
     .eval = eval_clip,
     .floats = Floats::f32_f64,
     .layouts = Layouts::follow,
     .lane = clip_lane,
     .lifts = kLifts},
};

}  // namespace

OpFamily clip_family() { return {"clip", "Keeps numbers between two bounds.", kOps}; }

}  // namespace narrowcast::ops
