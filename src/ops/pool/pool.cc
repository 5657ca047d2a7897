#include <algorithm>

#include "ops/window.h"

namespace narrowcast::ops {
namespace {

std::unexpected<Error> bad_rank(const RawOp& op, const Shape& x) {
  return fail(ErrorCode::malformed, op.type + ": the kernel does not fit the shape " + shape_text(x) + ".");
}

// ONNX, [N, C, d...]: kernel_shape has an entry a spatial axis. MaxPool's second result are the indices.
Status infer_window(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  ctx.set(1, DType::i64, std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  Shape kernel = ctx.op().ints("kernel_shape");
  if (kernel.size() + 2 != x->size()) return bad_rank(ctx.op(), *x);
  Shape out = window_output(read_window(ctx.op(), std::move(kernel)), Shape(x->begin() + 2, x->end()));
  out.insert(out.begin(), {(*x)[0], (*x)[1]});
  ctx.set(0, ctx.dtype(0), out);
  ctx.set(1, DType::i64, std::move(out));
  return {};
}

Status infer_global(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  if (x->size() < 2) return bad_rank(ctx.op(), *x);
  Shape out(x->size(), 1);
  std::copy_n(x->begin(), 2, out.begin());
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

// The sizes that a pool would have made the operand of, or those that the third operand states.
Status infer_unpool(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  if (ctx.present(2)) {
    if (const auto* shape = ctx.ints(2)) ctx.set(0, ctx.dtype(0), Shape(*shape));
    return {};
  }
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  Shape kernel = ctx.op().ints("kernel_shape");
  if (kernel.size() + 2 != x->size()) return bad_rank(ctx.op(), *x);
  Shape out = transposed_output(read_window(ctx.op(), std::move(kernel)), Shape(x->begin() + 2, x->end()), {});
  out.insert(out.begin(), {(*x)[0], (*x)[1]});
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

Status infer_tflite(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr || x->size() != 4) return {};
  const RawOp& op = ctx.op();
  const bool same = tflite_pads_same(op);
  const int64_t height =
      tflite_window_output((*x)[1], op.int_or("filter_height", 0), op.int_or("stride_h", 0), 1, same);
  const int64_t width = tflite_window_output((*x)[2], op.int_or("filter_width", 0), op.int_or("stride_w", 0), 1, same);
  ctx.set(0, ctx.dtype(0), Shape{(*x)[0], height, width, (*x)[3]});
  return {};
}

// The shape of what was pooled and the indices flow, the window is all that the op knows.
Rule unpool_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}}}; }

constexpr OpDef kOps[] = {
    {.domain = "", .type = "AveragePool", .first_version = 1, .last_version = 22, .infer = infer_window},
    {.domain = "", .type = "GlobalAveragePool", .first_version = 1, .last_version = 22, .infer = infer_global},
    {.domain = "", .type = "GlobalLpPool", .first_version = 1, .last_version = 22, .infer = infer_global},
    {.domain = "", .type = "GlobalMaxPool", .first_version = 1, .last_version = 22, .infer = infer_global},
    {.domain = "", .type = "LpPool", .first_version = 2, .last_version = 22, .infer = infer_window},
    {.domain = "", .type = "MaxPool", .first_version = 1, .last_version = 22, .infer = infer_window},
    {.domain = "",
     .type = "MaxUnpool",
     .first_version = 9,
     .last_version = 22,
     .infer = infer_unpool,
     .rule = unpool_rule},
    {.domain = kTfliteDomain, .type = "AVERAGE_POOL_2D", .first_version = 1, .last_version = 3, .infer = infer_tflite},
    {.domain = kTfliteDomain, .type = "L2_POOL_2D", .first_version = 1, .last_version = 1, .infer = infer_tflite},
    {.domain = kTfliteDomain, .type = "MAX_POOL_2D", .first_version = 1, .last_version = 3, .infer = infer_tflite},
};

}  // namespace

OpFamily pool_family() { return {"pool", "The largest or the mean number in a sliding window.", kOps}; }

}  // namespace narrowcast::ops
