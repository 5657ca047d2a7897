#include <algorithm>

#include "ops/axes.h"
#include "ops/box.h"
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

// Axes are aligned at the last one; one of a single entry is repeated.
Status eval_expand(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  NC_TRY(const Shape both, broadcast(x.shape, shape));
  if (both != shape) {
    return fail(ErrorCode::malformed,
                ctx.op().type + ": " + shape_text(x.shape) + " does not repeat to " + shape_text(shape) + ".");
  }
  const std::vector<int64_t> old = strides_of(x.shape, Layout::plain);
  std::vector<int64_t> strides(shape.size(), 0);
  const std::size_t lead = shape.size() - x.rank();
  for (std::size_t i = 0; i < x.rank(); ++i) strides[lead + i] = x.shape[i] == 1 ? 0 : old[i];
  return take_view(ctx, 0, x, 0, strides, Layout::plain);
}

// Every axis of the result is two: the repetition and the operand's entries.
Status eval_tile(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const std::vector<int64_t> repeats = ctx.ints(1);
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  if (repeats.size() != shape.size()) return fail(ErrorCode::malformed, ctx.op().type + ": the repeats do not fit.");
  if (shape == x.shape) {
    ctx.share(0, x, shape);
    return {};
  }
  NC_TRY(Tensor* const y, ctx.make(0, x.dtype, shape));
  const std::vector<int64_t> from = strides_of(x.shape, Layout::plain);
  const std::vector<int64_t> to = strides_of(shape, Layout::plain);
  std::vector<BoxAxis> box;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    box.push_back({static_cast<std::size_t>(repeats[i]), 0, to[i] * x.shape[i]});
    box.push_back({static_cast<std::size_t>(x.shape[i]), from[i], to[i]});
  }
  if (y->count() > 0) copy_box(width, std::move(box), x.data, y->writable<uint8_t>());
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
     .moves = true,
     .eval = eval_expand,
     .floats = Floats::all},
    {.domain = "",
     .type = "Tile",
     .first_version = 6,
     .last_version = 13,
     .infer = infer_tile,
     .rule = second_is_plain,
     .moves = true,
     .eval = eval_tile,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "BROADCAST_TO",
     .first_version = 1,
     .last_version = 3,
     .infer = infer_broadcast_to,
     .rule = second_is_plain,
     .eval = eval_expand,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "TILE",
     .first_version = 1,
     .last_version = 3,
     .infer = infer_tile,
     .rule = second_is_plain,
     .eval = eval_tile,
     .floats = Floats::all},
};

}  // namespace

OpFamily expand_family() { return {"expand", "Repeats elements along axes.", kOps}; }

}  // namespace narrowcast::ops
