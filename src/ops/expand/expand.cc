#include <algorithm>

#include "ops/axes.h"
#include "ops/broadcast.h"
#include "ops/fold.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

void set_rank_of_list(InferContext& ctx) {
  const auto rank = rank_from_list(ctx, 1);
  ctx.set(0, ctx.dtype(0), rank ? std::optional(unknown_sizes(*rank)) : std::nullopt);
}

Status infer_expand(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  const auto* target = ctx.ints(1);
  if (x == nullptr || target == nullptr) return {};
  NC_TRY(Shape out, broadcast(*x, *target));
  const int64_t count = multiply_sizes(out);
  ctx.set(0, ctx.dtype(0), std::move(out));
  if (const auto* ints = ctx.ints(0); ints != nullptr && ints->size() == 1) {
    if (count >= 0 && count <= static_cast<int64_t>(kMaxInts)) {
      set_folded(ctx, 0, ctx.dtype(0), std::vector<int64_t>(static_cast<std::size_t>(count), (*ints)[0]));
    }
  }
  return {};
}

// TFLite: the shape is the result's own.
Status infer_broadcast_to(InferContext& ctx) {
  if (const auto* target = ctx.ints(1)) {
    ctx.set(0, ctx.dtype(0), Shape(*target));
  } else {
    set_rank_of_list(ctx);
  }
  return {};
}

Status infer_tile(InferContext& ctx) {
  const Shape* x = ctx.shape(0);
  const auto* repeats = ctx.ints(1);
  if (x == nullptr) {
    set_rank_of_list(ctx);
    return {};
  }
  ctx.set(0, ctx.dtype(0), unknown_sizes(x->size()));
  if (repeats == nullptr || ctx.operand_count() != 2) return {};
  if (repeats->size() != x->size()) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the repeats do not fit the shape " + shape_text(*x) + ".");
  }
  Shape out;
  for (std::size_t i = 0; i < x->size(); ++i) out.push_back(multiply_sizes((*x)[i], (*repeats)[i]));
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

Rule second_is_plain(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}}}; }

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Expand",
     .first_version = 8,
     .last_version = 13,
     .infer = infer_expand,
     .rule = second_is_plain,
     .moves = true},
    {.domain = "",
     .type = "Tile",
     .first_version = 6,
     .last_version = 13,
     .infer = infer_tile,
     .rule = second_is_plain,
     .moves = true},
    {.domain = kTfliteDomain,
     .type = "BROADCAST_TO",
     .first_version = 1,
     .last_version = 3,
     .infer = infer_broadcast_to,
     .rule = second_is_plain},
    {.domain = kTfliteDomain,
     .type = "TILE",
     .first_version = 1,
     .last_version = 3,
     .infer = infer_tile,
     .rule = second_is_plain},
};

}  // namespace

OpFamily expand_family() { return {"expand", "Repeats elements along axes.", kOps}; }

}  // namespace narrowcast::ops
