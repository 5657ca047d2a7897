#include <algorithm>

#include "ops/axes.h"
#include "ops/box.h"
#include "ops/slice/slice.h"
#include "ops/slice/slice_range.h"

namespace narrowcast::ops {
namespace {

struct Masks {
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t ellipsis = 0;
  uint64_t new_axis = 0;
  uint64_t shrink = 0;
};

Masks read_masks(const RawOp& op) {
  const auto mask = [&](std::string_view name) { return static_cast<uint64_t>(op.int_or(name, 0)); };
  return {mask("begin_mask"), mask("end_mask"), mask("ellipsis_mask"), mask("new_axis_mask"), mask("shrink_axis_mask")};
}

bool has(uint64_t mask, std::size_t bit) { return ((mask >> bit) & 1U) != 0; }

// What becomes of an axis of the operand, or of a new one.
struct Cut {
  std::optional<std::size_t> axis;  // none: a new axis of one entry
  SliceRange range;                 // count kUnknownDim when the axis' size is not known
  int64_t step = 1;
  bool shrinks = false;  // the axis is not in the result
};

void keep_axes(const Shape& x, std::size_t& axis, std::size_t until, std::vector<Cut>& cuts) {
  for (; axis < until && axis < x.size(); ++axis) cuts.push_back({axis, {0, x[axis]}});
}

Result<Cut> cut_axis(const RawOp& op, const Shape& x, std::size_t axis, const Masks& masks, std::size_t i,
                     int64_t begin, int64_t end, int64_t step) {
  if (axis >= x.size()) return fail(ErrorCode::malformed, op.type + ": more is cut than there are axes.");
  if (step == 0) return fail(ErrorCode::malformed, op.type + ": a stride is zero.");
  const int64_t size = x[axis];
  if (has(masks.begin, i)) begin = step > 0 ? 0 : size - 1;
  if (has(masks.end, i)) end = step > 0 ? INT64_MAX : INT64_MIN;
  if (has(masks.shrink, i)) {
    const int64_t at = begin < 0 && size >= 0 ? begin + size : begin;
    if (size >= 0 && (at < 0 || at >= size)) {
      return fail(ErrorCode::malformed, op.type + ": there is no entry " + std::to_string(begin) + " on an axis.");
    }
    return Cut{axis, {at, 1}, 1, true};
  }
  return Cut{axis, size < 0 ? SliceRange{0, kUnknownDim} : slice_range(size, begin, end, step), step};
}

using Ints = std::vector<int64_t>;

Result<std::vector<Cut>> read_cuts(const RawOp& op, const Shape& x, const Ints& begin, const Ints& end,
                                   const Ints& strides) {
  const std::size_t count = begin.size();
  if (end.size() != count || strides.size() != count || count > kMaxRank) {
    return fail(ErrorCode::malformed, op.type + ": begin, end and strides differ in length.");
  }
  const Masks masks = read_masks(op);
  std::vector<Cut> cuts;
  std::size_t axis = 0;  // the operand's next one
  for (std::size_t i = 0; i < count; ++i) {
    if (has(masks.ellipsis, i)) {
      // It stands for every axis that the rest of the specification leaves.
      std::size_t after = 0;
      for (std::size_t k = i + 1; k < count; ++k) after += has(masks.new_axis, k) ? 0 : 1;
      keep_axes(x, axis, x.size() - std::min(x.size(), after), cuts);
    } else if (has(masks.new_axis, i)) {
      cuts.push_back({std::nullopt, {0, 1}});
    } else {
      NC_TRY(const Cut cut, cut_axis(op, x, axis, masks, i, begin[i], end[i], strides[i]));
      cuts.push_back(cut);
      ++axis;
    }
  }
  keep_axes(x, axis, x.size(), cuts);
  return cuts;
}

}  // namespace

Status infer_strided_slice(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  const auto* begin = ctx.ints(1);
  const auto* end = ctx.ints(2);
  const auto* strides = ctx.ints(3);
  if (x == nullptr || begin == nullptr || end == nullptr || strides == nullptr) return {};
  NC_TRY(const std::vector<Cut> cuts, read_cuts(ctx.op(), *x, *begin, *end, *strides));
  Shape out;
  for (const Cut& cut : cuts) {
    if (!cut.shrinks) out.push_back(cut.range.count);
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
  const auto* ints = ctx.ints(0);
  if (ints != nullptr && x->size() == 1 && cuts.size() == 1) {
    ctx.set_ints(0, take(*ints, cuts[0].range, cuts[0].step));
  }
  return {};
}

Status eval_strided_slice(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  if (!ctx.present(3)) return fail(ErrorCode::malformed, ctx.op().type + ": the strides are missing.");
  NC_TRY(const std::vector<Cut> cuts, read_cuts(ctx.op(), x.shape, ctx.ints(1), ctx.ints(2), ctx.ints(3)));
  const std::vector<int64_t> old = strides_of(x.shape, x.layout);
  int64_t first = 0;
  std::vector<int64_t> strides;
  for (const Cut& cut : cuts) {
    // Of one entry nobody steps on; a stride can be as large as it likes then.
    const int64_t step = cut.axis && cut.range.count > 1 ? old[*cut.axis] * cut.step : 0;
    if (cut.axis && cut.range.count > 0) first += cut.range.start * old[*cut.axis];
    if (!cut.shrinks) strides.push_back(step);
  }
  return take_view(ctx, 0, x, first, strides, Layout::plain);
}

}  // namespace narrowcast::ops
