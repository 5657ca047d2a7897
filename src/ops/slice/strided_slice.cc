#include <algorithm>

#include "ops/axes.h"
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

// Where the walk over the specification stands: the operand's next axis and the result so far.
struct Walk {
  const Shape& x;
  std::size_t axis = 0;
  Shape out;
  SliceRange last;
  int64_t last_step = 1;
};

void keep_axes(Walk& walk, std::size_t until) {
  for (; walk.axis < until && walk.axis < walk.x.size(); ++walk.axis) walk.out.push_back(walk.x[walk.axis]);
}

Status cut_axis(const RawOp& op, Walk& walk, const Masks& masks, std::size_t i, int64_t begin, int64_t end,
                int64_t step) {
  if (walk.axis >= walk.x.size()) return fail(ErrorCode::malformed, op.type + ": more is cut than there are axes.");
  if (step == 0) return fail(ErrorCode::malformed, op.type + ": a stride is zero.");
  const int64_t size = walk.x[walk.axis++];
  if (has(masks.begin, i)) begin = step > 0 ? 0 : size - 1;
  if (has(masks.end, i)) end = step > 0 ? INT64_MAX : INT64_MIN;
  if (has(masks.shrink, i)) {
    walk.last = {begin < 0 && size >= 0 ? begin + size : begin, 1};
    return {};
  }
  walk.last_step = step;
  walk.last = size < 0 ? SliceRange{0, kUnknownDim} : slice_range(size, begin, end, step);
  walk.out.push_back(walk.last.count);
  return {};
}

}  // namespace

Status infer_strided_slice(InferContext& ctx) {
  const RawOp& op = ctx.op();
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  const auto* begin = ctx.ints(1);
  const auto* end = ctx.ints(2);
  const auto* strides = ctx.ints(3);
  if (x == nullptr || begin == nullptr || end == nullptr || strides == nullptr) return {};
  const std::size_t count = begin->size();
  if (end->size() != count || strides->size() != count || count > kMaxRank) {
    return fail(ErrorCode::malformed, op.type + ": begin, end and strides differ in length.");
  }
  const Masks masks = read_masks(op);
  Walk walk{.x = *x, .out = {}, .last = {}};
  for (std::size_t i = 0; i < count; ++i) {
    if (has(masks.ellipsis, i)) {
      // It stands for every axis that the rest of the specification leaves.
      std::size_t after = 0;
      for (std::size_t k = i + 1; k < count; ++k) after += has(masks.new_axis, k) ? 0 : 1;
      keep_axes(walk, x->size() - std::min(x->size(), after));
    } else if (has(masks.new_axis, i)) {
      walk.out.push_back(1);
    } else {
      NC_CHECK(cut_axis(op, walk, masks, i, (*begin)[i], (*end)[i], (*strides)[i]));
    }
  }
  keep_axes(walk, x->size());
  ctx.set(0, ctx.dtype(0), std::move(walk.out));
  const auto* ints = ctx.ints(0);
  const bool plain_list = x->size() == 1 && count == 1 && masks.ellipsis == 0 && masks.new_axis == 0;
  if (ints != nullptr && plain_list) ctx.set_ints(0, take(*ints, walk.last, walk.last_step));
  return {};
}

}  // namespace narrowcast::ops
