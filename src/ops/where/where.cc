#include <algorithm>

#include "ops/box.h"
#include "ops/broadcast.h"
#include "ops/elementwise.h"
#include "ops/fold.h"
#include "ops/strides.h"

namespace narrowcast::ops {
namespace {

void fold_where(InferContext& ctx) {
  const auto* condition = ctx.ints(0);
  const auto* yes = ctx.ints(1);
  const auto* no = ctx.ints(2);
  if (condition == nullptr || yes == nullptr || no == nullptr) return;
  const std::size_t count = std::max({condition->size(), yes->size(), no->size()});
  const auto pick = [&](const std::vector<int64_t>& list, std::size_t i) { return list[list.size() == 1 ? 0 : i]; };
  for (const auto* list : {condition, yes, no}) {
    if (list->size() != count && list->size() != 1) return;
  }
  std::vector<int64_t> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(pick(*condition, i) != 0 ? pick(*yes, i) : pick(*no, i));
  set_folded(ctx, 0, ctx.dtype(1), std::move(out));
}

Status infer_where(InferContext& ctx) {
  NC_CHECK(infer_broadcast(ctx, ctx.dtype(1)));
  fold_where(ctx);
  return {};
}

// A condition of one axis can choose whole rows: the result is like the choices.
Status infer_select(InferContext& ctx) {
  ctx.set(0, ctx.dtype(1), ctx.operand(1).type.shape);
  return {};
}

template <typename T>
void choose(const BroadcastWalk& walk, const uint8_t* condition, const T* yes, const T* no, T* to) {
  const std::size_t steps[] = {walk.steps(0) ? 1U : 0U, walk.steps(1) ? 1U : 0U, walk.steps(2) ? 1U : 0U};
  walk.for_each([&](std::size_t at, const auto& offsets) {
    const uint8_t* c = condition + offsets[0];
    const T* a = yes + offsets[1];
    const T* b = no + offsets[2];
    for (std::size_t i = 0; i < walk.run_length(); ++i) {
      to[at + i] = c[i * steps[0]] != 0 ? a[i * steps[1]] : b[i * steps[2]];
    }
  });
}

// `condition` is the first operand's shape as it is broadcast.
Status eval_choice(EvalContext& ctx, const Shape& condition) {
  const Tensor& c = ctx.operand(0);
  const Tensor& a = ctx.operand(1);
  const Tensor& b = ctx.operand(2);
  if (c.dtype != DType::boolean || a.dtype != b.dtype) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the condition is no boolean, or the choices differ in type.");
  }
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  NC_TRY(const unsigned width, element_width(ctx.op(), a.dtype));
  NC_TRY(Tensor* const y, ctx.make(0, a.dtype, shape, shape.size() < 3 ? Layout::plain : ctx.layout()));
  const Layout layout = ctx.layout();
  const Shape sizes[] = {memory_shape(condition, layout), memory_shape(a.shape, layout), memory_shape(b.shape, layout)};
  const BroadcastWalk walk(memory_shape(shape, layout), {&sizes[0], &sizes[1], &sizes[2]});
  if (c.data == nullptr || a.data == nullptr || b.data == nullptr) return {};  // there is no element
  if (width == 1) choose(walk, c.data, a.data, b.data, y->writable<uint8_t>());
  if (width == 2) choose(walk, c.data, a.as<uint16_t>(), b.as<uint16_t>(), y->writable<uint16_t>());
  if (width == 4) choose(walk, c.data, a.as<uint32_t>(), b.as<uint32_t>(), y->writable<uint32_t>());
  if (width == 8) choose(walk, c.data, a.as<uint64_t>(), b.as<uint64_t>(), y->writable<uint64_t>());
  if (width > 8) return fail(ErrorCode::unsupported, ctx.op().type + " of complex numbers does not run here.");
  return {};
}

Status eval_where(EvalContext& ctx) { return eval_choice(ctx, ctx.operand(0).shape); }

Status eval_select(EvalContext& ctx) {
  Shape condition = ctx.operand(0).shape;
  const Shape& choices = ctx.operand(1).shape;
  if (condition.size() == 1 && choices.size() > 1) condition.resize(choices.size(), 1);
  NC_TRY(const Shape both, broadcast(condition, choices));
  if (both != choices || ctx.operand(2).shape != choices) {
    return fail(ErrorCode::malformed, "SELECT: the condition and the choices do not fit each other.");
  }
  return eval_choice(ctx, condition);
}

Rule condition_rule(const RuleQuery&) { return {{{Role::plain, {}}}}; }

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Where",
     .first_version = 9,
     .last_version = 16,
     .infer = infer_where,
     .rule = condition_rule,
     .eval = eval_where,
     .floats = Floats::all,
     .layouts = Layouts::follow},
    {.domain = kTfliteDomain,
     .type = "SELECT",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_select,
     .rule = condition_rule,
     .eval = eval_select,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "SELECT_V2",
     .first_version = 1,
     .last_version = 3,
     .infer = infer_where,
     .rule = condition_rule,
     .eval = eval_where,
     .floats = Floats::all},
};

}  // namespace

OpFamily where_family() { return {"where", "Chooses between two operands, element by element.", kOps}; }

}  // namespace narrowcast::ops
