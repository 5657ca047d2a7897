#include <algorithm>
#include <cstring>
#include <numeric>

#include "ops/axes.h"
#include "ops/box.h"
#include "ops/elements.h"
#include "ops/index.h"
#include "ops/order/order_eval.h"

namespace narrowcast::ops {
namespace {

constexpr int kCountIsOperand = 10;

// A total order: NaN behind every number, all NaN alike.
template <typename T>
bool is_less(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (__builtin_isnan(a)) return false;
    if (__builtin_isnan(b)) return true;
  }
  return a < b;
}

// Tensors seen as [outer, n, inner].
struct Along {
  std::size_t outer = 1;
  std::size_t n = 1;
  std::size_t inner = 1;
};
Along along(const Shape& shape, std::size_t axis) {
  const std::span<const int64_t> sizes(shape);
  return {count_of(sizes.first(axis)), static_cast<std::size_t>(shape[axis]), count_of(sizes.subspan(axis + 1))};
}

struct TopK {
  std::size_t k = 0;
  bool largest = true;
};

void store_index(const Tensor& tensor, std::size_t at, std::size_t index) {
  if (tensor.dtype == DType::i32) {
    tensor.writable<int32_t>()[at] = static_cast<int32_t>(index);
  } else {
    tensor.writable<int64_t>()[at] = static_cast<int64_t>(index);
  }
}

template <typename T>
void top_of_line(const TopK& top, const T* line, std::size_t step, std::vector<std::size_t>& order) {
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto before = [&](std::size_t a, std::size_t b) {
    const T x = line[a * step];
    const T y = line[b * step];
    if (is_less(x, y)) return !top.largest;
    if (is_less(y, x)) return top.largest;
    return a < b;
  };
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(top.k);
  if (top.k < order.size()) std::nth_element(order.begin(), middle, order.end(), before);
  std::sort(order.begin(), middle, before);
}

template <typename T>
void top_k(const TopK& top, const Along& x, const T* from, T* values, const Tensor& indices) {
  std::vector<std::size_t> order(x.n);
  for (std::size_t o = 0; o < x.outer; ++o) {
    for (std::size_t i = 0; i < x.inner; ++i) {
      const T* line = from + o * x.n * x.inner + i;
      top_of_line(top, line, x.inner, order);
      for (std::size_t j = 0; j < top.k; ++j) {
        const std::size_t at = (o * top.k + j) * x.inner + i;
        values[at] = line[order[j] * x.inner];
        store_index(indices, at, order[j]);
      }
    }
  }
}

// Compares rows of an [n, row] matrix, element by element.
template <typename T>
int compare_rows(const T* a, const T* b, std::size_t row) {
  for (std::size_t i = 0; i < row; ++i) {
    if (is_less(a[i], b[i])) return -1;
    if (is_less(b[i], a[i])) return 1;
  }
  return 0;
}

struct Groups {
  std::vector<std::size_t> first;    // by group: its first row
  std::vector<std::size_t> count;    // by group: its rows
  std::vector<std::size_t> inverse;  // by row: its group
};

template <typename T>
Groups group_rows(const T* rows, std::size_t n, std::size_t row, bool sorted) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return compare_rows(rows + a * row, rows + b * row, row) < 0; });
  Groups groups;
  groups.inverse.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const bool starts = i == 0 || compare_rows(rows + order[i - 1] * row, rows + order[i] * row, row) != 0;
    if (starts) {
      groups.first.push_back(order[i]);
      groups.count.push_back(0);
    }
    groups.inverse[order[i]] = groups.first.size() - 1;
    ++groups.count.back();
  }
  if (sorted) return groups;
  // Otherwise groups come in the order in which they first appear.
  std::vector<std::size_t> rank(groups.first.size());
  std::iota(rank.begin(), rank.end(), std::size_t{0});
  std::ranges::sort(rank, {}, [&](std::size_t group) { return groups.first[group]; });
  Groups placed{std::vector<std::size_t>(rank.size()), std::vector<std::size_t>(rank.size()), groups.inverse};
  std::vector<std::size_t> new_place(rank.size());
  for (std::size_t i = 0; i < rank.size(); ++i) {
    placed.first[i] = groups.first[rank[i]];
    placed.count[i] = groups.count[rank[i]];
    new_place[rank[i]] = i;
  }
  for (std::size_t& group : placed.inverse) group = new_place[group];
  return placed;
}

Status give_list(EvalContext& ctx, std::size_t slot, const std::vector<std::size_t>& list) {
  if (slot >= ctx.result_count()) return {};
  NC_TRY(Tensor* const y, ctx.make(slot, DType::i64, {static_cast<int64_t>(list.size())}));
  std::ranges::transform(list, y->writable<int64_t>(), [](std::size_t value) { return static_cast<int64_t>(value); });
  return {};
}

}  // namespace

Status eval_top_k(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const bool tflite = ctx.op().domain == kTfliteDomain;
  const List k =
      tflite ? read_list(ctx, 1) : read_list(ctx, {.attribute = "k", .operand_since = kCountIsOperand, .slot = 1});
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), tflite ? -1 : ctx.op().int_or("axis", -1), x.rank()));
  if (k.values.size() != 1 || k.values[0] < 0 || k.values[0] > x.shape[axis]) {
    return fail(ErrorCode::malformed, ctx.op().type + ": there are not as many entries as are asked for.");
  }
  Shape shape = x.shape;
  shape[axis] = k.values[0];
  NC_TRY(Tensor* const values, ctx.make(0, x.dtype, shape));
  const DType index_type = ctx.inferred(1).dtype == DType::i32 ? DType::i32 : DType::i64;
  NC_TRY(Tensor indices, make_tensor(ctx.memory(), index_type, shape));
  const TopK top{static_cast<std::size_t>(k.values[0]), ctx.op().int_or("largest", 1) != 0};
  const bool ran = visit_number(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    if (values->count() > 0) top_k(top, along(x.shape, axis), x.as<T>(), values->writable<T>(), indices);
  });
  if (!ran) return fail(ErrorCode::unsupported, ctx.op().type + " of this type does not run here.");
  if (ctx.result_count() > 1) ctx.share(1, indices, shape);
  return {};
}

Status eval_unique(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  Shape shape{static_cast<int64_t>(x.count())};
  std::size_t axis = 0;
  if (ctx.op().find("axis") != nullptr) {
    NC_TRY(axis, find_axis(ctx.op(), ctx.op().int_or("axis", 0), x.rank()));
    shape = x.shape;
  }
  const Along size = along(shape, axis);
  const std::size_t row = size.outer * size.inner;
  // Rows one after the other, to compare them.
  NC_TRY(uint8_t* const rows, ctx.scratch(x.bytes()));
  const auto inner = static_cast<int64_t>(size.inner);
  const auto count = static_cast<int64_t>(size.n);
  copy_box(width, {{size.n, inner, static_cast<int64_t>(row)}, {size.outer, count * inner, inner}, {size.inner, 1, 1}},
           x.data, rows);
  Groups groups;
  const bool ran = visit_number(x.dtype, [&](auto zero) {
    groups = group_rows(reinterpret_cast<const decltype(zero)*>(rows), size.n, row, ctx.op().int_or("sorted", 1) != 0);
  });
  if (!ran) return fail(ErrorCode::unsupported, "Unique of this type does not run here.");
  shape[axis] = static_cast<int64_t>(groups.first.size());
  NC_TRY(Tensor* const y, ctx.make(0, x.dtype, shape));
  for (std::size_t i = 0; i < groups.first.size(); ++i) {
    copy_box(width, {{size.outer, inner, shape[axis] * inner}, {size.inner, 1, 1}},
             rows + groups.first[i] * row * width, y->writable<uint8_t>() + i * size.inner * width);
  }
  NC_CHECK(give_list(ctx, 1, groups.first));
  NC_CHECK(give_list(ctx, 2, groups.inverse));
  return give_list(ctx, 3, groups.count);
}

}  // namespace narrowcast::ops
