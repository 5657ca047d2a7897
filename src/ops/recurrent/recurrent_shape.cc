#include "ops/recurrent/recurrent_shape.h"

#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

// From the attribute, else from the recurrent weight [directions, gates * hidden, hidden].
int64_t hidden_size(const InferContext& ctx) {
  const int64_t stated = ctx.op().int_or("hidden_size", kUnknownDim);
  const Shape* r = ctx.shape(2);
  // DynamicQuantizeLSTM's weights lie the other way.
  const std::size_t axis = ctx.op().type == "DynamicQuantizeLSTM" ? 1 : 2;
  return stated > 0 || r == nullptr || r->size() != 3 ? stated : (*r)[axis];
}

// The input's shape with another last size.
Status infer_units(InferContext& ctx, int64_t units) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr || x->empty()) return {};
  Shape out = *x;
  out.back() = units;
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

// A size of an operand of rank 2.
int64_t matrix_size(const InferContext& ctx, std::size_t slot, std::size_t axis) {
  const Shape* w = ctx.shape(slot);
  return w != nullptr && w->size() == 2 ? (*w)[axis] : kUnknownDim;
}

}  // namespace

Status infer_recurrent(InferContext& ctx) {
  const DType dtype = ctx.dtype(0);
  const RawOp& op = ctx.op();
  const Shape* x = ctx.shape(0);
  if (x != nullptr && x->size() != 3) return fail(ErrorCode::malformed, op.type + ": the input has not three axes.");
  const bool batch_first = op.int_or("layout", 0) != 0;
  const int64_t sequence = x == nullptr ? kUnknownDim : (*x)[batch_first ? 1 : 0];
  const int64_t batch = x == nullptr ? kUnknownDim : (*x)[batch_first ? 0 : 1];
  const int64_t directions = op.string_or("direction", "forward") == "bidirectional" ? 2 : 1;
  const int64_t hidden = hidden_size(ctx);
  ctx.set(0, dtype,
          batch_first ? Shape{batch, sequence, directions, hidden} : Shape{sequence, directions, batch, hidden});
  for (const std::size_t state : {std::size_t{1}, std::size_t{2}}) {
    ctx.set(state, dtype, batch_first ? Shape{batch, directions, hidden} : Shape{directions, batch, hidden});
  }
  return {};
}

Status infer_sequence_lstm(InferContext& ctx) {
  constexpr std::size_t kRecurrentToOutput = 8;
  return infer_units(ctx, matrix_size(ctx, kRecurrentToOutput, 1));
}

Status infer_rnn(InferContext& ctx) { return infer_units(ctx, matrix_size(ctx, 1, 0)); }

Status infer_svdf(InferContext& ctx) {
  return infer_units(ctx, divide_sizes(matrix_size(ctx, 1, 0), ctx.op().int_or("rank", 0)));
}

Status infer_nothing(InferContext&) { return {}; }

}  // namespace narrowcast::ops
