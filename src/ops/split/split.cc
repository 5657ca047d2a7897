#include <algorithm>

#include "ops/axes.h"
#include "ops/box.h"
#include "ops/lift.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

constexpr int kSizesAreOperand = 13;

void set_all(InferContext& ctx, std::size_t operand, const std::optional<Shape>& shape) {
  for (std::size_t i = 0; i < ctx.result_count(); ++i) ctx.set(i, ctx.dtype(operand), shape);
}

// Parts of these sizes; one size may be -1, which is what the others leave over.
Status set_parts(InferContext& ctx, const Shape& x, std::size_t axis, std::size_t operand,
                 const std::vector<int64_t>& sizes) {
  if (sizes.size() != ctx.result_count()) {
    return fail(ErrorCode::malformed, ctx.op().type + ": there are not as many sizes as results.");
  }
  int64_t sum = 0;
  for (const int64_t size : sizes) {
    if (size >= 0) sum = add_sizes(sum, size);
  }
  if (sum < 0 || (x[axis] >= 0 && sum > x[axis])) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the sizes are more than the axis has.");
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Shape part = x;
    part[axis] = sizes[i] >= 0 ? sizes[i] : (x[axis] >= 0 ? x[axis] - sum : kUnknownDim);
    ctx.set(i, ctx.dtype(operand), std::move(part));
  }
  return {};
}

// Parts of equal size; what does not divide makes the last ones smaller.
void set_equal_parts(InferContext& ctx, const Shape& x, std::size_t axis, std::size_t operand) {
  const auto parts = static_cast<int64_t>(ctx.result_count());
  const int64_t size = x[axis] < 0 ? kUnknownDim : x[axis] / parts + (x[axis] % parts != 0 ? 1 : 0);
  int64_t left = x[axis];
  for (std::size_t i = 0; i < ctx.result_count(); ++i) {
    Shape part = x;
    part[axis] = size < 0 ? kUnknownDim : std::min(size, left);
    left -= std::max<int64_t>(part[axis], 0);
    ctx.set(i, ctx.dtype(operand), std::move(part));
  }
}

Status infer_split(InferContext& ctx) {
  set_all(ctx, 0, std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr || ctx.result_count() == 0) return {};
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", 0), x->size()));
  const List sizes = read_list(ctx, {.attribute = "split", .operand_since = kSizesAreOperand, .slot = 1});
  if (sizes.state == Listed::known) return set_parts(ctx, *x, axis, 0, sizes.values);
  if (sizes.state == Listed::absent) {
    set_equal_parts(ctx, *x, axis, 0);
  } else {
    Shape part = *x;
    part[axis] = kUnknownDim;
    set_all(ctx, 0, part);
  }
  return {};
}

// The axis stands in an operand of one integer.
Result<std::optional<std::size_t>> axis_operand(const InferContext& ctx, std::size_t slot, const Shape* x) {
  const auto* axis = ctx.ints(slot);
  if (x == nullptr || axis == nullptr || axis->size() != 1) return std::nullopt;
  return find_axis(ctx.op(), (*axis)[0], x->size());
}

// TFLite: operands are the axis and the data.
Status infer_split_tflite(InferContext& ctx) {
  set_all(ctx, 1, std::nullopt);
  const Shape* x = ctx.shape(1);
  NC_TRY(const auto axis, axis_operand(ctx, 0, x));
  if (axis && ctx.result_count() > 0) set_equal_parts(ctx, *x, *axis, 1);
  return {};
}

// TFLite: operands are the data, the sizes and the axis.
Status infer_split_v(InferContext& ctx) {
  set_all(ctx, 0, std::nullopt);
  const Shape* x = ctx.shape(0);
  NC_TRY(const auto axis, axis_operand(ctx, 2, x));
  const auto* sizes = ctx.ints(1);
  if (axis && sizes != nullptr) return set_parts(ctx, *x, *axis, 0, *sizes);
  return {};
}

// TFLite: one result an entry of the axis, which they lose.
Status infer_unpack(InferContext& ctx) {
  set_all(ctx, 0, std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", 0), x->size()));
  Shape part = *x;
  part.erase(part.begin() + static_cast<std::ptrdiff_t>(axis));
  set_all(ctx, 0, part);
  const auto* ints = ctx.ints(0);
  if (ints == nullptr || x->size() != 1 || ints->size() != ctx.result_count()) return {};
  for (std::size_t i = 0; i < ints->size(); ++i) ctx.set_ints(i, {(*ints)[i]});
  return {};
}

// Every result takes its stretch of the axis; together they do not have more than the operand.
Status take_parts(EvalContext& ctx, const Tensor& x, std::size_t axis) {
  const std::vector<int64_t> strides = strides_of(x.shape, x.layout);
  int64_t first = 0;
  for (std::size_t i = 0; i < ctx.result_count(); ++i) {
    NC_TRY(const Shape part, result_shape(ctx, i));
    if (part.size() != x.rank() || part[axis] > x.shape[axis] - first) {
      return fail(ErrorCode::malformed, ctx.op().type + ": the parts are more than the axis has.");
    }
    if (ctx.wanted(i)) NC_CHECK(take_view(ctx, i, x, first * strides[axis], strides, ctx.layout()));
    first += part[axis];
  }
  return {};
}

Status eval_split(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", 0), x.rank()));
  return take_parts(ctx, x, axis);
}

Status eval_along_operand(EvalContext& ctx, const Tensor& x, std::size_t axis_slot) {
  const std::vector<int64_t> axis = ctx.ints(axis_slot);
  if (axis.size() != 1) return fail(ErrorCode::malformed, ctx.op().type + ": the axis is not one integer.");
  NC_TRY(const std::size_t at, find_axis(ctx.op(), axis[0], x.rank()));
  return take_parts(ctx, x, at);
}

Status eval_split_tflite(EvalContext& ctx) { return eval_along_operand(ctx, ctx.operand(1), 0); }
Status eval_split_v(EvalContext& ctx) { return eval_along_operand(ctx, ctx.operand(0), 2); }

Status eval_unpack(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", 0), x.rank()));
  if (ctx.result_count() != static_cast<std::size_t>(x.shape[axis])) {
    return fail(ErrorCode::malformed, "UNPACK: there are not as many results as entries.");
  }
  std::vector<int64_t> strides = strides_of(x.shape, x.layout);
  const int64_t step = strides[axis];
  strides.erase(strides.begin() + static_cast<std::ptrdiff_t>(axis));
  for (std::size_t i = 0; i < ctx.result_count(); ++i) {
    NC_CHECK(take_view(ctx, i, x, static_cast<int64_t>(i) * step, strides, Layout::plain));
  }
  return {};
}

Rule sizes_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}}}; }
Rule axis_first_rule(const RuleQuery&) { return {{{Role::plain, {}}, {Role::data, {}}}}; }

Status lift_sizes(LiftContext& ctx) {
  ctx.list_to_operand("split", 1);
  return {};
}

constexpr LiftStep kLifts[] = {{kSizesAreOperand, lift_sizes}};

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Split",
     .first_version = 2,
     .last_version = 18,
     .infer = infer_split,
     .rule = sizes_rule,
     .moves = true,
     .eval = eval_split,
     .floats = Floats::all,
     .layouts = Layouts::follow,
     .lifts = kLifts},
    {.domain = kTfliteDomain,
     .type = "SPLIT",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_split_tflite,
     .rule = axis_first_rule,
     .moves = true,
     .eval = eval_split_tflite,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "SPLIT_V",
     .first_version = 1,
     .last_version = 2,
     .infer = infer_split_v,
     .rule = sizes_rule,
     .eval = eval_split_v,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "UNPACK",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_unpack,
     .eval = eval_unpack,
     .floats = Floats::all},
};

}  // namespace

OpFamily split_family() { return {"split", "Cuts an operand into parts along an axis.", kOps}; }

}  // namespace narrowcast::ops
