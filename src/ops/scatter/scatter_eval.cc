#include "ops/scatter/scatter_eval.h"

#include <algorithm>
#include <cstring>

#include "ops/axes.h"
#include "ops/box.h"
#include "ops/elements.h"
#include "ops/index.h"

namespace narrowcast::ops {
namespace {

enum class Reduction : uint8_t { none, add, multiply, max, min };

std::optional<Reduction> reduction_of(const RawOp& op) {
  const std::string_view name = op.string_or("reduction", "none");
  if (name == "none") return Reduction::none;
  if (name == "add") return Reduction::add;
  if (name == "mul") return Reduction::multiply;
  if (name == "max") return Reduction::max;
  if (name == "min") return Reduction::min;
  return std::nullopt;
}

// Integers wrap.
template <typename T>
T sum_of(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  } else {
    return a + b;
  }
}
template <typename T>
T product_of(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  } else {
    return a * b;
  }
}

// NaN prevails in max and min.
template <typename T>
T joined(Reduction reduction, T a, T b) {
  switch (reduction) {
    case Reduction::add:
      return sum_of(a, b);
    case Reduction::multiply:
      return product_of(a, b);
    case Reduction::max:
      return a < b || is_nan(b) ? b : a;
    case Reduction::min:
      return b < a || is_nan(b) ? b : a;
    default:
      return b;
  }
}

// Rows of `row` elements into places that are counted in elements.
struct Rows {
  const std::vector<std::size_t>& places;
  std::size_t row = 1;
  Reduction reduction = Reduction::none;
};

template <typename T>
void join_rows(const Rows& rows, const T* from, T* to) {
  for (const std::size_t place : rows.places) {
    for (std::size_t i = 0; i < rows.row; ++i) to[place + i] = joined(rows.reduction, to[place + i], from[i]);
    from += rows.row;
  }
}

void move_rows(const Rows& rows, unsigned width, const uint8_t* from, uint8_t* to) {
  for (const std::size_t place : rows.places) {
    std::memcpy(to + place * width, from, rows.row * width);
    from += rows.row * width;
  }
}

Status write_rows(EvalContext& ctx, const Rows& rows, const Tensor& updates, const Tensor& y) {
  if (updates.dtype != y.dtype) return fail(ErrorCode::malformed, ctx.op().type + ": data and updates differ in type.");
  if (updates.count() != rows.places.size() * rows.row) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the updates are not as many as the indices say.");
  }
  NC_TRY(const unsigned width, element_width(ctx.op(), y.dtype));
  if (rows.reduction == Reduction::none) {
    move_rows(rows, width, updates.data, y.writable<uint8_t>());
    return {};
  }
  const bool ran = y.dtype != DType::boolean && visit_number(y.dtype, [&](auto zero) {
                     using T = decltype(zero);
                     join_rows(rows, updates.as<T>(), y.writable<T>());
                   });
  if (ran) return {};
  return fail(ErrorCode::unsupported, ctx.op().type + ": the reduction of this type does not run here.");
}

// A copy of the operand, or the operand itself when nobody else reads it.
Result<Tensor*> copy_of(EvalContext& ctx, std::size_t slot) {
  NC_TRY(Tensor* const y, ctx.make_over(0, slot));
  const Tensor& x = ctx.operand(slot);
  if (y->data != x.data && x.data != nullptr) std::memcpy(y->writable<uint8_t>(), x.data, x.bytes());
  return y;
}

}  // namespace

Status eval_scatter_elements(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const Shape shape = ctx.operand(1).shape;
  const auto reduction = reduction_of(ctx.op());
  if (!reduction) return fail(ErrorCode::unsupported, ctx.op().type + ": the reduction is not known.");
  if (shape.size() != x.rank() || ctx.operand(2).shape != shape) {
    return fail(ErrorCode::malformed, ctx.op().type + ": data, indices and updates do not fit each other.");
  }
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", 0), x.rank()));
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i != axis && shape[i] > x.shape[i]) {
      return fail(ErrorCode::malformed, ctx.op().type + ": the indices go beyond the data's axes.");
    }
  }
  const auto step = static_cast<std::size_t>(strides_of(x.shape, Layout::plain)[axis]);
  NC_TRY(const std::vector<std::size_t> along, read_places(ctx, 1, static_cast<std::size_t>(x.shape[axis])));
  std::vector<std::size_t> places = elements_along(x.shape, shape, axis);
  for (std::size_t i = 0; i < places.size(); ++i) places[i] += along[i] * step;
  NC_TRY(Tensor* const y, copy_of(ctx, 0));
  return write_rows(ctx, {places, 1, *reduction}, ctx.operand(2), *y);
}

namespace {

// `indices` address leading axes of y, each a row of what is left.
Status scatter_nd(EvalContext& ctx, std::size_t indices, std::size_t updates, Reduction reduction, const Tensor& y) {
  const Shape& at = ctx.operand(indices).shape;
  const std::span<const int64_t> sizes(y.shape);
  if (at.empty() || at.back() > static_cast<int64_t>(sizes.size())) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the indices address more axes than there are.");
  }
  const auto depth = static_cast<std::size_t>(at.back());
  const std::size_t row = count_of(sizes.subspan(depth));
  NC_TRY(std::vector<std::size_t> places, read_nd_places(ctx, indices, sizes.first(depth)));
  for (std::size_t& place : places) place *= row;
  return write_rows(ctx, {places, row, reduction}, ctx.operand(updates), y);
}

}  // namespace

Status eval_scatter_nd(EvalContext& ctx) {
  const auto reduction = reduction_of(ctx.op());
  if (!reduction) return fail(ErrorCode::unsupported, ctx.op().type + ": the reduction is not known.");
  NC_TRY(Tensor* const y, copy_of(ctx, 0));
  return scatter_nd(ctx, 1, 2, *reduction, *y);
}

Status eval_scatter_nd_tflite(EvalContext& ctx) {
  const Shape shape = ctx.ints(2);
  if (std::ranges::any_of(shape, [](int64_t size) { return size < 0; })) {
    return fail(ErrorCode::malformed, "SCATTER_ND: a size is below zero.");
  }
  NC_TRY(Tensor* const y, ctx.make(0, ctx.operand(1).dtype, shape));
  std::fill_n(y->writable<uint8_t>(), y->bytes(), uint8_t{0});
  const bool boolean = y->dtype == DType::boolean;
  return scatter_nd(ctx, 0, 1, boolean ? Reduction::none : Reduction::add, *y);
}

Status eval_dynamic_update_slice(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const Tensor& update = ctx.operand(1);
  const std::vector<int64_t> starts = ctx.ints(2);
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  if (update.rank() != x.rank() || starts.size() != x.rank() || update.dtype != x.dtype) {
    return fail(ErrorCode::malformed, "DYNAMIC_UPDATE_SLICE: the operands do not fit each other.");
  }
  const std::vector<int64_t> from = strides_of(update.shape, Layout::plain);
  const std::vector<int64_t> to = strides_of(x.shape, Layout::plain);
  int64_t first = 0;
  std::vector<BoxAxis> box;
  for (std::size_t i = 0; i < x.rank(); ++i) {
    if (update.shape[i] > x.shape[i])
      return fail(ErrorCode::malformed, "DYNAMIC_UPDATE_SLICE: the update is too large.");
    first += std::clamp<int64_t>(starts[i], 0, x.shape[i] - update.shape[i]) * to[i];
    box.push_back({static_cast<std::size_t>(update.shape[i]), from[i], to[i]});
  }
  NC_TRY(Tensor* const y, copy_of(ctx, 0));
  if (update.count() == 0) return {};
  copy_box(width, std::move(box), update.data, y->writable<uint8_t>() + first * static_cast<int64_t>(width));
  return {};
}

}  // namespace narrowcast::ops
