#include "ops/slice/slice.h"

#include <numeric>

#include "ops/axes.h"
#include "ops/box.h"
#include "ops/lift.h"
#include "ops/slice/slice_range.h"

namespace narrowcast::ops {
namespace {

constexpr int kBoundsAreOperands = 10;

// What is taken of each axis named.
struct Cuts {
  std::vector<int64_t> starts;
  std::vector<int64_t> ends;
  std::vector<int64_t> axes;
  std::vector<int64_t> steps;
};

// Nothing when some of it is made at run time.
template <typename Context>
std::optional<Cuts> read_cuts(const Context& ctx) {
  const List starts = read_list(ctx, {.attribute = "starts", .operand_since = kBoundsAreOperands, .slot = 1});
  const List ends = read_list(ctx, {.attribute = "ends", .operand_since = kBoundsAreOperands, .slot = 2});
  const List axes = read_list(ctx, {.attribute = "axes", .operand_since = kBoundsAreOperands, .slot = 3});
  const List steps = ctx.op().version >= kBoundsAreOperands ? read_list(ctx, 4) : List{};
  if (starts.state != Listed::known || ends.state != Listed::known || axes.state == Listed::unknown ||
      steps.state == Listed::unknown) {
    return std::nullopt;
  }
  Cuts cuts{starts.values, ends.values, axes.values, steps.values};
  if (axes.state == Listed::absent) {
    cuts.axes.resize(cuts.starts.size());
    std::iota(cuts.axes.begin(), cuts.axes.end(), 0);
  }
  if (steps.state == Listed::absent) cuts.steps.assign(cuts.starts.size(), 1);
  return cuts;
}

Status check_cuts(const RawOp& op, const Cuts& cuts) {
  const std::size_t count = cuts.starts.size();
  if (cuts.ends.size() != count || cuts.axes.size() != count || cuts.steps.size() != count) {
    return fail(ErrorCode::malformed, op.type + ": starts, ends, axes and steps differ in length.");
  }
  for (const int64_t step : cuts.steps) {
    if (step == 0) return fail(ErrorCode::malformed, op.type + ": a step is zero.");
  }
  return {};
}

Status infer_slice(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  const auto cuts = read_cuts(ctx);
  if (!cuts) {
    ctx.set(0, ctx.dtype(0), unknown_sizes(x->size()));
    return {};
  }
  NC_CHECK(check_cuts(ctx.op(), *cuts));
  Shape out = *x;
  for (std::size_t i = 0; i < cuts->axes.size(); ++i) {
    NC_TRY(const std::size_t axis, find_axis(ctx.op(), cuts->axes[i], x->size()));
    const int64_t size = (*x)[axis];
    out[axis] = size < 0 ? kUnknownDim : slice_range(size, cuts->starts[i], cuts->ends[i], cuts->steps[i]).count;
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
  const auto* ints = ctx.ints(0);
  if (ints == nullptr || x->size() != 1 || cuts->axes.size() != 1) return {};
  const auto size = static_cast<int64_t>(ints->size());
  const int64_t step = cuts->steps[0];
  ctx.set_ints(0, take(*ints, slice_range(size, cuts->starts[0], cuts->ends[0], step), step));
  return {};
}

// TFLite: begin and size of every axis; a size of -1 goes to the end.
Status infer_slice_tflite(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  ctx.set(0, ctx.dtype(0), unknown_sizes(x->size()));
  const auto* begin = ctx.ints(1);
  const auto* size = ctx.ints(2);
  if (begin == nullptr || size == nullptr) return {};
  if (begin->size() != x->size() || size->size() != x->size()) {
    return fail(ErrorCode::malformed, "SLICE: begin and size do not fit the shape " + shape_text(*x) + ".");
  }
  Shape out;
  for (std::size_t i = 0; i < x->size(); ++i) {
    const bool to_end = (*size)[i] < 0;
    if ((*begin)[i] < 0 || ((*x)[i] >= 0 && (*begin)[i] > (*x)[i])) {
      return fail(ErrorCode::malformed, "SLICE: begin lies outside the shape " + shape_text(*x) + ".");
    }
    out.push_back(!to_end ? (*size)[i] : ((*x)[i] < 0 ? kUnknownDim : (*x)[i] - (*begin)[i]));
  }
  const auto* ints = ctx.ints(0);
  ctx.set(0, ctx.dtype(0), out);
  if (x->size() == 1 && ints != nullptr) ctx.set_ints(0, take(*ints, {(*begin)[0], out[0]}, 1));
  return {};
}

// The view that takes every axis whole.
struct View {
  int64_t first = 0;
  std::vector<int64_t> strides;
};
View whole(const Tensor& x) { return {0, strides_of(x.shape, x.layout)}; }

// Of one entry nobody steps on; a step can be as large as it likes then.
void cut(View& view, std::size_t axis, SliceRange range, int64_t step) {
  if (range.count == 0) return;
  view.first += range.start * view.strides[axis];
  view.strides[axis] *= range.count > 1 ? step : 0;
}

Status eval_slice(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const auto cuts = read_cuts(ctx);
  if (!cuts) return fail(ErrorCode::malformed, "Slice: starts and ends are missing.");
  NC_CHECK(check_cuts(ctx.op(), *cuts));
  View view = whole(x);
  std::vector<bool> seen(x.rank(), false);
  for (std::size_t i = 0; i < cuts->axes.size(); ++i) {
    NC_TRY(const std::size_t axis, find_axis(ctx.op(), cuts->axes[i], x.rank()));
    if (seen[axis]) return fail(ErrorCode::malformed, "Slice: an axis is named twice.");
    seen[axis] = true;
    cut(view, axis, slice_range(x.shape[axis], cuts->starts[i], cuts->ends[i], cuts->steps[i]), cuts->steps[i]);
  }
  return take_view(ctx, 0, x, view.first, view.strides, ctx.layout());
}

Status eval_slice_tflite(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const std::vector<int64_t> begin = ctx.ints(1);
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  View view = whole(x);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (begin[i] > x.shape[i] || shape[i] > x.shape[i] - begin[i]) {
      return fail(ErrorCode::malformed, "SLICE: the part lies outside the shape " + shape_text(x.shape) + ".");
    }
    cut(view, i, {begin[i], shape[i]}, 1);
  }
  return take_view(ctx, 0, x, view.first, view.strides, Layout::plain);
}

Rule bounds_rule(const RuleQuery&) {
  return {{{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}, {Role::plain, {}}, {Role::plain, {}}}};
}

Status lift_bounds(LiftContext& ctx) {
  std::vector<int64_t> axes = ctx.op().ints("axes");
  if (axes.empty()) {
    axes.resize(ctx.op().ints("starts").size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  ctx.list_to_operand("starts", 1);
  ctx.list_to_operand("ends", 2);
  ctx.drop_attribute("axes");
  ctx.set_operand(3, ctx.add_ints("axes", axes));
  return {};
}

constexpr LiftStep kLifts[] = {{kBoundsAreOperands, lift_bounds}};

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Slice",
     .first_version = 1,
     .last_version = 13,
     .infer = infer_slice,
     .rule = bounds_rule,
     .moves = true,
     .eval = eval_slice,
     .floats = Floats::all,
     .layouts = Layouts::follow,
     .lifts = kLifts},
    {.domain = kTfliteDomain,
     .type = "SLICE",
     .first_version = 1,
     .last_version = 6,
     .infer = infer_slice_tflite,
     .rule = bounds_rule,
     .moves = true,
     .eval = eval_slice_tflite,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "STRIDED_SLICE",
     .first_version = 1,
     .last_version = 8,
     .infer = infer_strided_slice,
     .rule = bounds_rule,
     .moves = true,
     .eval = eval_strided_slice,
     .floats = Floats::all},
};

}  // namespace

OpFamily slice_family() { return {"slice", "Takes a range of every axis.", kOps}; }

}  // namespace narrowcast::ops
