#include "ops/elementwise.h"

#include "ops/broadcast.h"

namespace narrowcast::ops {

Status infer_like_first(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), ctx.operand(0).type.shape);
  return {};
}

Status infer_broadcast(InferContext& ctx, DType dtype) {
  ctx.set(0, dtype, std::nullopt);
  Shape out;
  bool known = ctx.operand_count() > 0;
  for (std::size_t i = 0; i < ctx.operand_count(); ++i) {
    const Shape* shape = ctx.shape(i);
    if (shape == nullptr) {
      known = false;
      continue;
    }
    NC_TRY(out, broadcast(out, *shape));
  }
  if (known) ctx.set(0, dtype, std::move(out));
  return {};
}

Status infer_broadcast_first(InferContext& ctx) { return infer_broadcast(ctx, ctx.dtype(0)); }

}  // namespace narrowcast::ops
