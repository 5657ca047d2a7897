#include <cstring>

#include "ops/axes.h"
#include "ops/eval.h"
#include "ops/fold.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

// The other axes' sizes agree; what one operand does not know, another may.
Status merge_sizes(const RawOp& op, Shape& out, const Shape& next, std::size_t axis) {
  if (next.size() != out.size()) return fail(ErrorCode::malformed, op.type + ": the operands differ in rank.");
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i == axis) {
      out[i] = add_sizes(out[i], next[i]);
    } else if (out[i] < 0) {
      out[i] = next[i];
    } else if (next[i] >= 0 && next[i] != out[i]) {
      return fail(ErrorCode::malformed,
                  op.type + ": shapes " + shape_text(out) + " and " + shape_text(next) + " do not join.");
    }
  }
  return {};
}

// Integers of all operands one after the other, when all of them are known.
void join_ints(InferContext& ctx) {
  std::vector<int64_t> joined;
  for (std::size_t i = 0; i < ctx.operand_count(); ++i) {
    const auto* ints = ctx.ints(i);
    if (ints == nullptr || joined.size() + ints->size() > kMaxInts) return;
    joined.insert(joined.end(), ints->begin(), ints->end());
  }
  ctx.set_ints(0, std::move(joined));
}

Status infer_along(InferContext& ctx, int64_t axis) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* first = ctx.shape(0);
  if (first == nullptr) return {};
  NC_TRY(const std::size_t at, find_axis(ctx.op(), axis, first->size()));
  Shape out = *first;
  for (std::size_t i = 1; i < ctx.operand_count(); ++i) {
    if (const Shape* next = ctx.shape(i)) {
      NC_CHECK(merge_sizes(ctx.op(), out, *next, at));
    } else {
      out[at] = kUnknownDim;
    }
  }
  const bool is_list = out.size() == 1;
  ctx.set(0, ctx.dtype(0), std::move(out));
  if (is_list) join_ints(ctx);
  return {};
}

// Version 1 had a default.
Status infer_concat(InferContext& ctx) { return infer_along(ctx, ctx.op().int_or("axis", 1)); }
Status infer_concatenation(InferContext& ctx) { return infer_along(ctx, ctx.op().int_or("axis", 0)); }

// TFLite: a new axis, one entry an operand.
Status infer_pack(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  NC_TRY(const std::size_t at, find_axis(ctx.op(), ctx.op().int_or("axis", 0), x->size() + 1));
  Shape out = *x;
  for (std::size_t i = 1; i < ctx.operand_count(); ++i) {
    if (const Shape* next = ctx.shape(i)) NC_CHECK(merge_sizes(ctx.op(), out, *next, out.size()));
  }
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), static_cast<int64_t>(ctx.operand_count()));
  ctx.set(0, ctx.dtype(0), std::move(out));
  if (x->empty()) join_ints(ctx);
  return {};
}

struct Piece {
  const uint8_t* from;
  std::size_t row_bytes;
};

// Row by row of the axes before the joined one: each operand's stretch after the other's.
void join_rows(std::span<Piece> pieces, std::size_t rows, uint8_t* to) {
  for (std::size_t row = 0; row < rows; ++row) {
    for (Piece& piece : pieces) {
      std::memcpy(to, piece.from, piece.row_bytes);
      piece.from += piece.row_bytes;
      to += piece.row_bytes;
    }
  }
}

// `axis` as the operands lie in memory; a new axis joins whole operands.
Status eval_along(EvalContext& ctx, std::size_t axis) {
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->count() == 0) return {};
  if (dtype_bits(y->dtype) < 8) return fail(ErrorCode::unsupported, ctx.op().type + " of 4-bit elements does not run.");
  std::size_t rows = 1;
  const Shape sizes = memory_shape(y->shape, y->layout);
  for (std::size_t i = 0; i < axis; ++i) rows *= static_cast<std::size_t>(sizes[i]);
  std::vector<Piece> pieces;
  std::size_t bytes = 0;
  bool same_type = true;
  for (std::size_t i = 0; i < ctx.operand_count(); ++i) {
    if (!ctx.present(i) || ctx.operand(i).count() == 0) continue;
    bytes += ctx.operand(i).bytes();
    same_type = same_type && ctx.operand(i).dtype == y->dtype;
    pieces.push_back({ctx.operand(i).data, ctx.operand(i).bytes() / rows});
  }
  // Also finds an operand that is left out.
  if (bytes != y->bytes() || !same_type) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the operands do not join.");
  }
  join_rows(pieces, rows, y->writable<uint8_t>());
  return {};
}

Status eval_concat(EvalContext& ctx) {
  const std::size_t rank = ctx.inferred(0).shape ? ctx.inferred(0).shape->size() : 0;
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", ctx.op().domain.empty() ? 1 : 0), rank));
  return eval_along(ctx, memory_axis(axis, rank, ctx.layout()));
}

Status eval_pack(EvalContext& ctx) {
  const std::size_t rank = ctx.inferred(0).shape ? ctx.inferred(0).shape->size() : 0;
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", 0), rank));
  return eval_along(ctx, axis);
}

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Concat",
     .first_version = 1,
     .last_version = 13,
     .infer = infer_concat,
     .moves = true,
     .eval = eval_concat,
     .floats = Floats::all,
     .layouts = Layouts::follow},
    {.domain = kTfliteDomain,
     .type = "CONCATENATION",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_concatenation,
     .eval = eval_concat,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "PACK",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_pack,
     .moves = true,
     .eval = eval_pack,
     .floats = Floats::all},
};

}  // namespace

OpFamily concat_family() { return {"concat", "Joins operands along an axis, old or new.", kOps}; }

}  // namespace narrowcast::ops
