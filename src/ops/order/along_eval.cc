#include <algorithm>

#include "ops/axes.h"
#include "ops/box.h"
#include "ops/elements.h"
#include "ops/index.h"
#include "ops/order/order_eval.h"

namespace narrowcast::ops {
namespace {

struct Sums {
  std::size_t outer = 1;
  std::size_t n = 1;
  std::size_t inner = 1;
  bool exclusive = false;
  bool reverse = false;
};

template <typename Sum, typename T>
Sum summand(T value) {
  return static_cast<Sum>(value);
}

// Row after row of the axis, each the one before plus the operand; integers wrap.
template <typename T>
void add_up(const Sums& sums, const T* from, T* to) {
  using Sum = std::conditional_t<std::is_integral_v<T>, uint64_t, T>;
  for (std::size_t o = 0; o < sums.outer; ++o) {
    for (std::size_t i = 0; i < sums.inner; ++i) {
      Sum sum{};
      for (std::size_t k = 0; k < sums.n; ++k) {
        const std::size_t row = sums.reverse ? sums.n - 1 - k : k;
        const std::size_t at = (o * sums.n + row) * sums.inner + i;
        const Sum value = summand<Sum>(from[at]);
        if (sums.exclusive) to[at] = static_cast<T>(sum);
        sum = k == 0 ? value : sum + value;
        if (!sums.exclusive) to[at] = static_cast<T>(sum);
      }
    }
  }
}

struct TimeAxes {
  std::size_t batch = 1;
  std::size_t time = 0;
};

Result<TimeAxes> time_axes(const RawOp& op, std::size_t rank) {
  const bool tflite = op.domain == kTfliteDomain;
  TimeAxes axes;
  NC_TRY(axes.batch, find_axis(op, tflite ? op.int_or("batch_dim", 0) : op.int_or("batch_axis", 1), rank));
  NC_TRY(axes.time, find_axis(op, tflite ? op.int_or("seq_dim", 0) : op.int_or("time_axis", 0), rank));
  if (axes.batch == axes.time) return fail(ErrorCode::malformed, op.type + ": batch and time are the same axis.");
  return axes;
}

}  // namespace

Status eval_cum_sum(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const std::vector<int64_t> axis = ctx.ints(1);
  if (axis.size() != 1) return fail(ErrorCode::malformed, ctx.op().type + ": the axis is not one integer.");
  NC_TRY(const std::size_t at, find_axis(ctx.op(), axis[0], x.rank()));
  const std::span<const int64_t> sizes(x.shape);
  const Sums sums{count_of(sizes.first(at)), static_cast<std::size_t>(sizes[at]), count_of(sizes.subspan(at + 1)),
                  ctx.op().int_or("exclusive", 0) != 0, ctx.op().int_or("reverse", 0) != 0};
  NC_TRY(Tensor* const y, ctx.make(0));
  const bool ran = visit_number(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    add_up(sums, x.as<T>(), y->writable<T>());
  });
  if (!ran) return fail(ErrorCode::unsupported, ctx.op().type + " of this type does not run here.");
  return {};
}

Status eval_reverse_sequence(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  NC_TRY(const TimeAxes axes, time_axes(ctx.op(), x.rank()));
  const std::vector<int64_t> lengths = ctx.ints(1);
  if (lengths.size() != static_cast<std::size_t>(x.shape[axes.batch])) {
    return fail(ErrorCode::malformed, ctx.op().type + ": there is not one length for each entry of the batch.");
  }
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->count() == 0) return {};
  const std::vector<int64_t> strides = strides_of(x.shape, Layout::plain);
  const auto copy = [&](std::size_t entry, int64_t from, int64_t to, int64_t count, int64_t step) {
    std::vector<BoxAxis> box;
    for (std::size_t i = 0; i < x.rank(); ++i) {
      if (i != axes.batch) box.push_back({static_cast<std::size_t>(x.shape[i]), strides[i], strides[i]});
      if (i == axes.time) box.back() = {static_cast<std::size_t>(count), step * strides[i], strides[i]};
    }
    const int64_t first = static_cast<int64_t>(entry) * strides[axes.batch];
    const auto bytes = static_cast<int64_t>(width);
    copy_box(width, std::move(box), x.data + (first + from * strides[axes.time]) * bytes,
             y->writable<uint8_t>() + (first + to * strides[axes.time]) * bytes);
  };
  const int64_t time = x.shape[axes.time];
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const int64_t length = lengths[i];
    if (length < 0 || length > time) return fail(ErrorCode::malformed, ctx.op().type + ": a length is out of range.");
    if (length > 0) copy(i, length - 1, 0, length, -1);
    if (length < time) copy(i, length, length, time - length, 1);
  }
  return {};
}

Status eval_reverse(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const std::vector<bool> turned, mark_axes(ctx.op(), ctx.ints(1), x.rank()));
  std::vector<int64_t> strides = strides_of(x.shape, Layout::plain);
  int64_t first = 0;
  for (std::size_t i = 0; i < x.rank(); ++i) {
    if (!turned[i]) continue;
    first += (x.shape[i] - 1) * strides[i];
    strides[i] = -strides[i];
  }
  return take_view(ctx, 0, x, first, strides, Layout::plain);
}

Status eval_trilu(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  if (x.rank() < 2) return fail(ErrorCode::malformed, "Trilu: the operand is no matrix.");
  const std::vector<int64_t> ks = ctx.ints(1);
  if (ctx.present(1) && ks.size() != 1) return fail(ErrorCode::malformed, "Trilu: k is not one integer.");
  const bool upper = ctx.op().int_or("upper", 1) != 0;
  const int64_t rows = x.shape[x.rank() - 2];
  const int64_t columns = x.shape[x.rank() - 1];
  const int64_t k = std::clamp<int64_t>(ks.empty() ? 0 : ks[0], -rows - 1, columns + 1);
  NC_TRY(Tensor* const y, ctx.make(0));
  std::fill_n(y->writable<uint8_t>(), y->bytes(), uint8_t{0});
  const std::size_t count = x.count() == 0 ? 0 : x.count() / static_cast<std::size_t>(columns);
  for (std::size_t i = 0; i < count; ++i) {
    const int64_t row = static_cast<int64_t>(i) % rows;
    const int64_t begin = upper ? std::clamp<int64_t>(row + k, 0, columns) : 0;
    const int64_t end = upper ? columns : std::clamp<int64_t>(row + k + 1, 0, columns);
    const auto first = (static_cast<int64_t>(i) * columns + begin) * static_cast<int64_t>(width);
    std::copy_n(x.data + first, (end - begin) * static_cast<int64_t>(width), y->writable<uint8_t>() + first);
  }
  return {};
}

}  // namespace narrowcast::ops
