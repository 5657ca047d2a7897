#include <algorithm>
#include <bit>
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

// A number whose unsigned order is that of the elements of its type: NaN behind every number, all NaN alike, and both
// zeros alike. One sort then serves all types.
template <typename T>
uint64_t key_of(T value) {
  constexpr uint64_t sign = uint64_t{1} << 63;
  if constexpr (std::is_floating_point_v<T>) {
    if (__builtin_isnan(value)) return UINT64_MAX;
    const auto bits = std::bit_cast<uint64_t>(static_cast<double>(value) + 0.0);
    return (bits & sign) != 0 ? ~bits : bits | sign;
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<uint64_t>(static_cast<int64_t>(value)) ^ sign;
  } else {
    return value;
  }
}

Result<std::vector<uint64_t>> keys_of(const RawOp& op, const Tensor& x) {
  std::vector<uint64_t> keys(x.count());
  const bool ran = visit_number(x.dtype, [&](auto zero) {
    std::transform(x.as<decltype(zero)>(), x.as<decltype(zero)>() + keys.size(), keys.begin(), key_of<decltype(zero)>);
  });
  if (!ran) return fail(ErrorCode::unsupported, op.type + " of this type does not run here.");
  return keys;
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

struct Candidate {
  uint64_t key = 0;
  std::size_t index = 0;
};

// The k first in place, in order; of equals the one with the smaller index.
void sort_top(std::vector<Candidate>& line, std::size_t k) {
  const auto before = [](const Candidate& a, const Candidate& b) {
    return a.key != b.key ? a.key < b.key : a.index < b.index;
  };
  const auto middle = line.begin() + static_cast<std::ptrdiff_t>(k);
  if (k < line.size()) std::nth_element(line.begin(), middle, line.end(), before);
  std::sort(line.begin(), middle, before);
}

// By element of the result [outer, k, inner]: which entry of its line it is.
std::vector<std::size_t> top_k(const TopK& top, const Along& x, const std::vector<uint64_t>& keys) {
  std::vector<std::size_t> entries(x.outer * top.k * x.inner);
  std::vector<Candidate> line(x.n);
  for (std::size_t o = 0; o < x.outer; ++o) {
    for (std::size_t i = 0; i < x.inner; ++i) {
      for (std::size_t j = 0; j < x.n; ++j) {
        const uint64_t key = keys[(o * x.n + j) * x.inner + i];
        line[j] = {top.largest ? ~key : key, j};
      }
      sort_top(line, top.k);
      for (std::size_t j = 0; j < top.k; ++j) entries[(o * top.k + j) * x.inner + i] = line[j].index;
    }
  }
  return entries;
}

struct Groups {
  std::vector<std::size_t> first;    // by group: its first row
  std::vector<std::size_t> count;    // by group: its rows
  std::vector<std::size_t> inverse;  // by row: its group
};

// Equal rows of keys [n, row] as groups, in the rows' order.
Groups group_rows(const std::vector<uint64_t>& keys, std::size_t n, std::size_t row) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto keys_at = [&](std::size_t i) { return std::span(keys).subspan(i * row, row); };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return std::ranges::lexicographical_compare(keys_at(a), keys_at(b));
  });
  Groups groups;
  groups.inverse.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (i == 0 || !std::ranges::equal(keys_at(order[i - 1]), keys_at(order[i]))) {
      groups.first.push_back(order[i]);
      groups.count.push_back(0);
    }
    groups.inverse[order[i]] = groups.first.size() - 1;
    ++groups.count.back();
  }
  return groups;
}

// The same groups, in the order in which they first appear.
Groups by_appearance(const Groups& groups) {
  Groups placed{{}, {}, groups.inverse};
  std::vector<std::size_t> place(groups.first.size());
  for (std::size_t i = 0; i < groups.inverse.size(); ++i) {
    const std::size_t group = groups.inverse[i];
    if (groups.first[group] == i) {
      place[group] = placed.first.size();
      placed.first.push_back(i);
      placed.count.push_back(groups.count[group]);
    }
    placed.inverse[i] = place[group];
  }
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
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  NC_TRY(Tensor* const values, ctx.make(0, x.dtype, shape));
  const DType index_type = ctx.inferred(1).dtype == DType::i32 ? DType::i32 : DType::i64;
  NC_TRY(Tensor indices, make_tensor(ctx.memory(), index_type, shape));
  const TopK top{static_cast<std::size_t>(k.values[0]), ctx.op().int_or("largest", 1) != 0};
  const Along size = along(x.shape, axis);
  NC_TRY(const std::vector<uint64_t> keys, keys_of(ctx.op(), x));
  const std::vector<std::size_t> entries = top_k(top, size, keys);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::size_t o = i / size.inner / top.k;
    const std::size_t from = (o * size.n + entries[i]) * size.inner + i % size.inner;
    std::memcpy(values->writable<uint8_t>() + i * width, x.data + from * width, width);
    store_index(indices, i, entries[i]);
  }
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
  Tensor packed = x;
  packed.data = rows;
  NC_TRY(const std::vector<uint64_t> keys, keys_of(ctx.op(), packed));
  const Groups ascending = group_rows(keys, size.n, row);
  const Groups groups = ctx.op().int_or("sorted", 1) != 0 ? ascending : by_appearance(ascending);
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
