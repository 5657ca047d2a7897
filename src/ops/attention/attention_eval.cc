#include "ops/attention/attention_eval.h"

#include <algorithm>
#include <limits>

#include "base/math/sqrt.h"
#include "ops/attention/attend.h"
#include "ops/attention/masks.h"
#include "ops/box.h"
#include "ops/matmul/product.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

float default_scale(const RawOp& op, std::size_t depth) {
  const float stated = op.float_or("scale", 0);
  return stated != 0 ? stated : 1 / math::sqrt(static_cast<float>(std::max<std::size_t>(depth, 1)));
}

// [batch, rows, heads * depth].
HeadRows rows_of_3(const float* data, std::size_t rows, std::size_t width, std::size_t depth) {
  return {data, rows * width, depth, width};
}
// [batch, heads, rows, depth].
HeadRows rows_of_4(const float* data, std::size_t heads, std::size_t rows, std::size_t depth) {
  return {data, heads * rows * depth, rows * depth, depth};
}

Status refuse(const EvalContext& ctx, const std::string& what) {
  return fail(ErrorCode::unsupported, ctx.op().type + " " + what + " does not run here.");
}
Status malformed(const EvalContext& ctx) {
  return fail(ErrorCode::malformed, ctx.op().type + ": the operands do not fit each other.");
}

bool is_real(const EvalContext& ctx, std::size_t slot, std::size_t rank) {
  return ctx.present(slot) && ctx.operand(slot).dtype == DType::f32 && ctx.operand(slot).rank() == rank;
}

}  // namespace

Status eval_packed_attention(EvalContext& ctx) {
  const RawOp& op = ctx.op();
  if (ctx.present(4) || ctx.wanted(1)) return refuse(ctx, "with a past");
  if (op.int_or("do_rotary", 0) != 0) return refuse(ctx, "with rotary embedding");
  if (!is_real(ctx, 0, 3) || !is_real(ctx, 1, 2)) return malformed(ctx);
  const Tensor& x = ctx.operand(0);
  const Tensor& w = ctx.operand(1);
  const int64_t heads = op.int_or("num_heads", 0);
  std::vector<int64_t> widths = op.ints("qkv_hidden_sizes");
  if (widths.size() != 3) widths.assign(3, w.shape[1] / 3);
  const bool fits = heads > 0 && widths[0] > 0 && widths[0] == widths[1] && widths[2] > 0 && widths[0] % heads == 0 &&
                    widths[2] % heads == 0 && w.shape[1] - widths[0] - widths[1] == widths[2] &&
                    w.shape[0] == x.shape[2] &&
                    (!ctx.present(2) || (is_real(ctx, 2, 1) && ctx.operand(2).shape[0] == w.shape[1]));
  if (!fits) return malformed(ctx);
  const std::size_t batch = at(x.shape, 0);
  const std::size_t rows = at(x.shape, 1);
  const std::size_t width = at(w.shape, 1);
  NC_TRY(uint8_t* const bytes, ctx.scratch(batch * rows * width * sizeof(float)));
  Tensor packed{DType::f32, Layout::plain, {x.shape[0], x.shape[1], w.shape[1]}, {}, bytes};
  NC_CHECK(multiply_f32(ctx, {.a = &x, .a_shape = x.shape, .b = &w, .b_shape = w.shape, .bias = ctx.data<float>(2)}, {},
                        packed));
  Attention a{.batch = batch, .heads = static_cast<std::size_t>(heads), .key_heads = static_cast<std::size_t>(heads)};
  a.queries = a.keys = rows;
  const auto key_width = static_cast<std::size_t>(widths[0]);
  a.depth = key_width / a.heads;
  a.value_depth = static_cast<std::size_t>(widths[2]) / a.heads;
  a.scale = default_scale(op, a.depth);
  a.q = rows_of_3(packed.as<float>(), rows, width, a.depth);
  a.k = rows_of_3(packed.as<float>() + key_width, rows, width, a.depth);
  a.v = rows_of_3(packed.as<float>() + 2 * key_width, rows, width, a.value_depth);
  const float filter = op.float_or("mask_filter_value", -10000);
  if (op.int_or("unidirectional", 0) != 0) {
    a.seen = 0;
    a.unseen = filter;
  }
  NC_TRY(a.biases[0], read_padding_mask(ctx, 3, a, filter));
  NC_TRY(a.biases[1], read_score_bias(ctx, 5, a));
  NC_TRY(Tensor* const y, ctx.make(0, DType::f32, {x.shape[0], x.shape[1], widths[2]}));
  return attend(ctx, a, y->writable<float>(),
                rows_of_3(nullptr, rows, static_cast<std::size_t>(widths[2]), a.value_depth));
}

Status eval_multi_head_attention(EvalContext& ctx) {
  const RawOp& op = ctx.op();
  if (ctx.present(6) || ctx.present(7) || ctx.wanted(1) || ctx.wanted(2) || ctx.wanted(3)) {
    return refuse(ctx, "with a past");
  }
  if (!is_real(ctx, 0, 3) || !is_real(ctx, 1, 3) || !is_real(ctx, 2, 3)) return refuse(ctx, "of packed operands");
  const Shape& q = ctx.operand(0).shape;
  const Shape& k = ctx.operand(1).shape;
  const Shape& v = ctx.operand(2).shape;
  const int64_t heads = op.int_or("num_heads", 0);
  const bool fits = heads > 0 && q[0] == k[0] && k[0] == v[0] && k[1] == v[1] && q[2] == k[2] && q[2] % heads == 0 &&
                    v[2] % heads == 0;
  if (!fits) return malformed(ctx);
  Attention a{
      .batch = at(q, 0), .heads = static_cast<std::size_t>(heads), .key_heads = static_cast<std::size_t>(heads)};
  a.queries = at(q, 1);
  a.keys = at(k, 1);
  a.depth = at(q, 2) / a.heads;
  a.value_depth = at(v, 2) / a.heads;
  a.scale = default_scale(op, a.depth);
  const float* data[3] = {ctx.data<float>(0), ctx.data<float>(1), ctx.data<float>(2)};
  if (ctx.present(3)) {
    const std::size_t widths[3] = {at(q, 2), at(k, 2), at(v, 2)};
    if (!is_real(ctx, 3, 1) || ctx.operand(3).count() != widths[0] + widths[1] + widths[2]) return malformed(ctx);
    const float* bias = ctx.data<float>(3);
    for (std::size_t i = 0; i < 3; ++i) {
      const std::size_t count = ctx.operand(i).count();
      NC_TRY(uint8_t* const bytes, ctx.scratch(count * sizeof(float)));
      auto* const shifted = reinterpret_cast<float*>(bytes);
      for (std::size_t e = 0; e < count; ++e) shifted[e] = data[i][e] + bias[e % widths[i]];
      data[i] = shifted;
      bias += widths[i];
    }
  }
  a.q = rows_of_3(data[0], a.queries, at(q, 2), a.depth);
  a.k = rows_of_3(data[1], a.keys, at(k, 2), a.depth);
  a.v = rows_of_3(data[2], a.keys, at(v, 2), a.value_depth);
  const float filter = op.float_or("mask_filter_value", -10000);
  if (op.int_or("unidirectional", 0) != 0) {
    a.seen = 0;
    a.unseen = filter;
  }
  NC_TRY(a.biases[0], read_padding_mask(ctx, 4, a, filter));
  NC_TRY(a.biases[1], read_score_bias(ctx, 5, a));
  NC_TRY(Tensor* const y, ctx.make(0, DType::f32, {q[0], q[1], v[2]}));
  return attend(ctx, a, y->writable<float>(), rows_of_3(nullptr, a.queries, at(v, 2), a.value_depth));
}

namespace {

// Keys or values with those of the past before them, as [batch, heads, rows, depth].
struct Stored {
  const float* data = nullptr;
  std::size_t rows = 0;
};

// `rows` tells where the new ones lie. The joined tensor is result `slot`, if wanted.
Result<Stored> join_past(EvalContext& ctx, std::size_t past_slot, std::size_t slot, const Attention& a,
                         const HeadRows& rows, std::size_t new_rows, std::size_t depth) {
  std::size_t before = 0;
  if (ctx.present(past_slot)) {
    const Shape& past = ctx.operand(past_slot).shape;
    if (!is_real(ctx, past_slot, 4) || at(past, 0) != a.batch || at(past, 1) != a.key_heads || at(past, 3) != depth) {
      return std::unexpected(malformed(ctx).error());
    }
    before = at(past, 2);
  }
  const std::size_t total = before + new_rows;
  float* to = nullptr;
  if (ctx.wanted(slot)) {
    const auto size = [](std::size_t n) { return static_cast<int64_t>(n); };
    NC_TRY(Tensor* const joined,
           ctx.make(slot, DType::f32, {size(a.batch), size(a.key_heads), size(total), size(depth)}));
    to = joined->writable<float>();
  } else {
    NC_TRY(uint8_t* const bytes, ctx.scratch(a.batch * a.key_heads * total * depth * sizeof(float)));
    to = reinterpret_cast<float*>(bytes);
  }
  for (std::size_t i = 0; i < a.batch * a.key_heads; ++i) {
    const std::size_t b = i / a.key_heads;
    const std::size_t h = i % a.key_heads;
    float* head = to + i * total * depth;
    if (before > 0) std::copy_n(ctx.data<float>(past_slot) + i * before * depth, before * depth, head);
    for (std::size_t row = 0; row < new_rows; ++row) {
      std::copy_n(rows.data + b * rows.batch + h * rows.head + row * rows.row, depth, head + (before + row) * depth);
    }
  }
  return Stored{to, total};
}

}  // namespace

Status eval_attention(EvalContext& ctx) {
  const RawOp& op = ctx.op();
  if (ctx.wanted(3)) return refuse(ctx, "with the scores as a result");
  const std::size_t rank = ctx.present(0) ? ctx.operand(0).rank() : 0;
  if ((rank != 3 && rank != 4) || !is_real(ctx, 0, rank) || !is_real(ctx, 1, rank) || !is_real(ctx, 2, rank)) {
    return malformed(ctx);
  }
  const Shape& q = ctx.operand(0).shape;
  const Shape& k = ctx.operand(1).shape;
  const Shape& v = ctx.operand(2).shape;
  const int64_t heads = rank == 4 ? q[1] : op.int_or("q_num_heads", 0);
  const int64_t key_heads = rank == 4 ? k[1] : op.int_or("kv_num_heads", 0);
  const std::size_t row_axis = rank - 2;
  bool fits = heads > 0 && key_heads > 0 && heads % key_heads == 0 && q[0] == k[0] && k[0] == v[0] &&
              k[row_axis] == v[row_axis];
  fits = fits && (rank == 4 ? v[1] == key_heads && q[3] == k[3]
                            : q[2] % heads == 0 && k[2] % key_heads == 0 && v[2] % key_heads == 0 &&
                                  q[2] / heads == k[2] / key_heads);
  if (!fits) return malformed(ctx);
  Attention a{
      .batch = at(q, 0), .heads = static_cast<std::size_t>(heads), .key_heads = static_cast<std::size_t>(key_heads)};
  a.queries = at(q, row_axis);
  a.depth = rank == 4 ? at(q, 3) : at(q, 2) / a.heads;
  a.value_depth = rank == 4 ? at(v, 3) : at(v, 2) / a.key_heads;
  a.scale = default_scale(op, a.depth);
  a.softcap = op.float_or("softcap", 0);
  const std::size_t new_rows = at(k, row_axis);
  const auto rows_of = [&](std::size_t slot, std::size_t n, std::size_t rows, std::size_t depth) {
    const float* data = ctx.data<float>(slot);
    return rank == 4 ? rows_of_4(data, n, rows, depth) : rows_of_3(data, rows, n * depth, depth);
  };
  a.q = rows_of(0, a.heads, a.queries, a.depth);
  NC_TRY(const Stored keys, join_past(ctx, 4, 1, a, rows_of(1, a.key_heads, new_rows, a.depth), new_rows, a.depth));
  NC_TRY(const Stored values,
         join_past(ctx, 5, 2, a, rows_of(2, a.key_heads, new_rows, a.value_depth), new_rows, a.value_depth));
  if (keys.rows != values.rows) return malformed(ctx);
  a.keys = keys.rows;
  a.k = rows_of_4(keys.data, a.key_heads, a.keys, a.depth);
  a.v = rows_of_4(values.data, a.key_heads, a.keys, a.value_depth);
  if (op.int_or("is_causal", 0) != 0) {
    a.seen = a.keys - new_rows;
    a.unseen = -std::numeric_limits<float>::infinity();
  }
  NC_TRY(a.biases[0], read_score_bias(ctx, 3, a));
  const Shape shape =
      rank == 4 ? Shape{q[0], q[1], q[2], v[3]} : Shape{q[0], q[1], static_cast<int64_t>(a.heads * a.value_depth)};
  NC_TRY(Tensor* const y, ctx.make(0, DType::f32, shape));
  const HeadRows y_rows = rank == 4 ? rows_of_4(nullptr, a.heads, a.queries, a.value_depth)
                                    : rows_of_3(nullptr, a.queries, a.heads * a.value_depth, a.value_depth);
  return attend(ctx, a, y->writable<float>(), y_rows);
}

}  // namespace narrowcast::ops
