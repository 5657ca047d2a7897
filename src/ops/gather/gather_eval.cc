#include "ops/gather/gather_eval.h"

#include <cstring>

#include "ops/axes.h"
#include "ops/box.h"
#include "ops/index.h"

namespace narrowcast::ops {
namespace {

// Data seen as [batch, outer, entries, row] and indices as [batch, picks].
struct Picks {
  std::size_t batch = 1;
  std::size_t outer = 1;
  std::size_t entries = 1;
  std::size_t picks = 1;
  std::size_t row_bytes = 0;
};

void pick_rows(const Picks& shape, const std::vector<std::size_t>& places, const uint8_t* from, uint8_t* to) {
  if (from == nullptr) return;  // there is no element
  for (std::size_t b = 0; b < shape.batch; ++b) {
    const std::size_t* picked = places.data() + b * shape.picks;
    for (std::size_t o = 0; o < shape.outer; ++o) {
      for (std::size_t i = 0; i < shape.picks; ++i, to += shape.row_bytes) {
        std::memcpy(to, from + picked[i] * shape.row_bytes, shape.row_bytes);
      }
      from += shape.entries * shape.row_bytes;
    }
  }
}

Status gather(EvalContext& ctx, std::size_t data, std::size_t indices, std::size_t axis, std::size_t batch) {
  const Tensor& x = ctx.operand(data);
  const std::span<const int64_t> sizes(x.shape);
  const std::span<const int64_t> at(ctx.operand(indices).shape);
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  Picks picks{.batch = count_of(at.first(batch)),
              .outer = count_of(sizes.subspan(batch, axis - batch)),
              .entries = static_cast<std::size_t>(sizes[axis]),
              .picks = count_of(at.subspan(batch)),
              .row_bytes = count_of(sizes.subspan(axis + 1)) * width};
  for (std::size_t i = 0; i < batch; ++i) {
    if (sizes[i] != at[i]) return fail(ErrorCode::malformed, ctx.op().type + ": the batch axes differ.");
  }
  NC_TRY(const std::vector<std::size_t> places, read_places(ctx, indices, picks.entries));
  NC_TRY(Tensor* const y, ctx.make(0, x.dtype, shape));
  if (y->count() > 0) pick_rows(picks, places, x.data, y->writable<uint8_t>());
  return {};
}

}  // namespace

Status eval_gather(EvalContext& ctx) {
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", 0), ctx.operand(0).rank()));
  int64_t batch = ctx.op().domain == kTfliteDomain ? ctx.op().int_or("batch_dims", 0) : 0;
  if (batch < 0) batch += static_cast<int64_t>(ctx.operand(1).rank());
  return gather(ctx, 0, 1, axis, static_cast<std::size_t>(batch));
}

Status eval_embedding_lookup(EvalContext& ctx) {
  if (ctx.operand(1).rank() == 0) return fail(ErrorCode::malformed, "EMBEDDING_LOOKUP: the table has no rows.");
  return gather(ctx, 1, 0, 0, 0);
}

Status eval_gather_elements(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const Shape& shape = ctx.operand(1).shape;
  if (shape.size() != x.rank()) return fail(ErrorCode::malformed, "GatherElements: data and indices differ in rank.");
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", 0), x.rank()));
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i != axis && shape[i] > x.shape[i]) {
      return fail(ErrorCode::malformed, "GatherElements: the indices go beyond the data's axes.");
    }
  }
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  NC_TRY(const std::vector<std::size_t> places, read_places(ctx, 1, static_cast<std::size_t>(x.shape[axis])));
  NC_TRY(Tensor* const y, ctx.make(0, x.dtype, shape));
  const std::vector<std::size_t> origins = elements_along(x.shape, shape, axis);
  const auto step = static_cast<std::size_t>(strides_of(x.shape, Layout::plain)[axis]);
  for (std::size_t i = 0; i < places.size() && x.data != nullptr; ++i) {
    std::memcpy(y->writable<uint8_t>() + i * width, x.data + (origins[i] + places[i] * step) * width, width);
  }
  return {};
}

Status eval_gather_nd(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const Shape& at = ctx.operand(1).shape;
  NC_TRY(const Shape shape, result_shape(ctx, 0));  // so both are there
  const auto batch = static_cast<std::size_t>(ctx.op().int_or("batch_dims", 0));
  const auto depth = static_cast<std::size_t>(at.back());  // infer has compared it with the ranks
  if (batch >= at.size()) return fail(ErrorCode::malformed, ctx.op().type + ": more batch axes than there are axes.");
  for (std::size_t i = 0; i < batch; ++i) {
    if (x.shape[i] != at[i]) return fail(ErrorCode::malformed, ctx.op().type + ": the batch axes differ.");
  }
  const std::span<const int64_t> sizes(x.shape);
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  NC_TRY(const std::vector<std::size_t> places, read_nd_places(ctx, 1, sizes.subspan(batch, depth)));
  NC_TRY(Tensor* const y, ctx.make(0, x.dtype, shape));
  const Picks picks{.batch = count_of(sizes.first(batch)),
                    .entries = count_of(sizes.subspan(batch, depth)),
                    .picks = count_of(std::span(at).subspan(batch, at.size() - 1 - batch)),
                    .row_bytes = count_of(sizes.subspan(batch + depth)) * width};
  if (y->count() > 0) pick_rows(picks, places, x.data, y->writable<uint8_t>());
  return {};
}

}  // namespace narrowcast::ops
