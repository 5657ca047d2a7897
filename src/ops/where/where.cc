#include <algorithm>

#include "ops/elementwise.h"
#include "ops/fold.h"

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

Rule condition_rule(const RuleQuery&) { return {{{Role::plain, {}}}}; }

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Where",
     .first_version = 9,
     .last_version = 16,
     .infer = infer_where,
     .rule = condition_rule},
    {.domain = kTfliteDomain,
     .type = "SELECT",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_select,
     .rule = condition_rule},
    {.domain = kTfliteDomain,
     .type = "SELECT_V2",
     .first_version = 1,
     .last_version = 3,
     .infer = infer_where,
     .rule = condition_rule},
};

}  // namespace

OpFamily where_family() { return {"where", "Chooses between two operands, element by element.", kOps}; }

}  // namespace narrowcast::ops
