#include <algorithm>

#include "ops/axes.h"
#include "ops/eval.h"
#include "ops/fold.h"
#include "ops/lift.h"
#include "ops/reshape/resolve_shape.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

constexpr int kShapeIsOperand = 5;   // Reshape
constexpr int kAxesAreOperand = 13;  // Squeeze and Unsqueeze

// What the op makes of x, with its elements where they are few integers.
void set_relabelled(InferContext& ctx, std::optional<Shape> shape) {
  ctx.set(0, ctx.dtype(0), std::move(shape));
  pass_ints(ctx, 0, 0);
}

Status infer_reshape_to(InferContext& ctx, const List& target, bool copies_zero) {
  if (target.state != Listed::known) {
    const auto rank = rank_from_list(ctx, 1);
    set_relabelled(ctx, rank ? std::optional(unknown_sizes(*rank)) : std::nullopt);
    return {};
  }
  NC_TRY(Shape out, resolve_shape(ctx.op(), target.values, ctx.shape(0), copies_zero));
  set_relabelled(ctx, std::move(out));
  return {};
}

Status infer_reshape(InferContext& ctx) {
  const List target = read_list(ctx, {.attribute = "shape", .operand_since = kShapeIsOperand, .slot = 1});
  return infer_reshape_to(ctx, target, ctx.op().int_or("allowzero", 0) == 0);
}

// The operand counts; old files have only the option.
Status infer_reshape_tflite(InferContext& ctx) {
  List target = read_list(ctx, 1);
  const Shape* list = ctx.shape(1);
  const bool old_form = target.state == Listed::absent || (list != nullptr && list->size() != 1);
  if (old_form && ctx.op().find("new_shape") != nullptr) target = {Listed::known, ctx.op().ints("new_shape")};
  return infer_reshape_to(ctx, target, false);
}

Status infer_flatten(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), unknown_sizes(2));
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  const int64_t axis = ctx.op().int_or("axis", 1);
  std::size_t split = x->size();
  if (axis != static_cast<int64_t>(x->size())) {
    NC_TRY(split, find_axis(ctx.op(), axis, x->size()));
  }
  const std::span<const int64_t> sizes(*x);
  ctx.set(0, ctx.dtype(0), Shape{multiply_sizes(sizes.first(split)), multiply_sizes(sizes.subspan(split))});
  return {};
}

Status infer_squeeze_axes(InferContext& ctx, const List& axes) {
  const Shape* x = ctx.shape(0);
  set_relabelled(ctx, std::nullopt);
  if (x == nullptr || axes.state == Listed::unknown) return {};
  NC_TRY(std::vector<bool> dropped, mark_axes(ctx.op(), axes.values, x->size()));
  if (axes.values.empty()) {
    if (std::ranges::any_of(*x, [](int64_t size) { return size < 0; })) return {};
    for (std::size_t i = 0; i < x->size(); ++i) dropped[i] = (*x)[i] == 1;
  }
  Shape out;
  for (std::size_t i = 0; i < x->size(); ++i) {
    if (!dropped[i]) {
      out.push_back((*x)[i]);
    } else if ((*x)[i] > 1 || (*x)[i] == 0) {
      return fail(ErrorCode::malformed, ctx.op().type + ": axis " + std::to_string(i) + " of " + shape_text(*x) +
                                            " has more or less than one entry.");
    }
  }
  set_relabelled(ctx, std::move(out));
  return {};
}

Status infer_squeeze(InferContext& ctx) {
  return infer_squeeze_axes(ctx, read_list(ctx, {.attribute = "axes", .operand_since = kAxesAreOperand, .slot = 1}));
}

Status infer_squeeze_tflite(InferContext& ctx) {
  return infer_squeeze_axes(ctx, {Listed::known, ctx.op().ints("squeeze_dims")});
}

Status infer_unsqueeze(InferContext& ctx) {
  const List axes = read_list(ctx, {.attribute = "axes", .operand_since = kAxesAreOperand, .slot = 1});
  const Shape* x = ctx.shape(0);
  set_relabelled(ctx, std::nullopt);
  if (x == nullptr) return {};
  if (axes.state != Listed::known) {
    if (const auto added = rank_from_list(ctx, 1)) set_relabelled(ctx, unknown_sizes(x->size() + *added));
    return {};
  }
  if (axes.values.size() > kMaxRank) return {};
  const std::size_t rank = x->size() + axes.values.size();
  NC_TRY(const std::vector<bool> added, mark_axes(ctx.op(), axes.values, rank));
  if (static_cast<std::size_t>(std::ranges::count(added, true)) != axes.values.size()) {
    return fail(ErrorCode::malformed, "Unsqueeze: an axis is named twice.");
  }
  Shape out;
  auto next = x->begin();
  for (std::size_t i = 0; i < rank; ++i) out.push_back(added[i] ? 1 : *next++);
  set_relabelled(ctx, std::move(out));
  return {};
}

Status infer_expand_dims(InferContext& ctx) {
  const Shape* x = ctx.shape(0);
  const auto* axis = ctx.ints(1);
  set_relabelled(ctx, x == nullptr ? std::nullopt : std::optional(unknown_sizes(x->size() + 1)));
  if (x == nullptr || axis == nullptr || axis->size() != 1) return {};
  NC_TRY(const std::size_t at, find_axis(ctx.op(), (*axis)[0], x->size() + 1));
  Shape out = *x;
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), 1);
  set_relabelled(ctx, std::move(out));
  return {};
}

Rule second_is_plain(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}}}; }

// Only int4 asks for a newer version; the other types are all in the first.
int always_first(const VersionQuery& query) {
  const bool known = !query.operands.empty() && dtype_bits(query.operands[0].dtype) >= 8;
  return known ? 1 : query.op.version;
}

Status lift_axes(LiftContext& ctx) {
  ctx.list_to_operand("axes", 1);
  return {};
}

constexpr LiftStep kAxesLifts[] = {{kAxesAreOperand, lift_axes}};

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Flatten",
     .first_version = 1,
     .last_version = 23,
     .infer = infer_flatten,
     .moves = true,
     .eval = eval_relabel,
     .floats = Floats::all},
    {.domain = "",
     .type = "Reshape",
     .first_version = 1,
     .last_version = 23,
     .infer = infer_reshape,
     .rule = second_is_plain,
     .moves = true,
     .eval = eval_relabel,
     .floats = Floats::all},
    {.domain = "",
     .type = "Squeeze",
     .first_version = 1,
     .last_version = 23,
     .infer = infer_squeeze,
     .rule = second_is_plain,
     .moves = true,
     .eval = eval_relabel,
     .floats = Floats::all,
     .lifts = kAxesLifts},
    {.domain = "",
     .type = "Unsqueeze",
     .first_version = 1,
     .last_version = 23,
     .infer = infer_unsqueeze,
     .rule = second_is_plain,
     .moves = true,
     .eval = eval_relabel,
     .floats = Floats::all,
     .lifts = kAxesLifts},
    {.domain = kTfliteDomain,
     .type = "EXPAND_DIMS",
     .first_version = 1,
     .last_version = 1,
     .infer = infer_expand_dims,
     .rule = second_is_plain,
     .moves = true,
     .eval = eval_relabel,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "RESHAPE",
     .first_version = 1,
     .last_version = 1,
     .infer = infer_reshape_tflite,
     .rule = second_is_plain,
     .moves = true,
     .tflite_version = always_first,
     .eval = eval_relabel,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "SQUEEZE",
     .first_version = 1,
     .last_version = 2,
     .infer = infer_squeeze_tflite,
     .moves = true,
     .tflite_version = always_first,
     .eval = eval_relabel,
     .floats = Floats::all},
};

}  // namespace

OpFamily reshape_family() { return {"reshape", "The same elements under another shape.", kOps}; }

}  // namespace narrowcast::ops
