#include <algorithm>

#include "ops/pool/pool_eval.h"
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

constexpr OpDef window(std::string_view type, int first, Floats floats) {
  return {.domain = "",
          .type = type,
          .first_version = first,
          .last_version = 22,
          .infer = infer_window,
          .eval = eval_pool,
          .floats = floats,
          .layouts = Layouts::image};
}
constexpr OpDef global(std::string_view type) {
  return {.domain = "",
          .type = type,
          .first_version = 1,
          .last_version = 22,
          .infer = infer_global,
          .eval = eval_global_pool,
          .layouts = Layouts::follow};
}
constexpr OpDef tflite(std::string_view type, int last) {
  return {.domain = kTfliteDomain,
          .type = type,
          .first_version = 1,
          .last_version = last,
          .infer = infer_tflite,
          .eval = eval_pool_2d};
}

constexpr OpDef kOps[] = {
    window("AveragePool", 1, Floats::f32),
    global("GlobalAveragePool"),
    global("GlobalLpPool"),
    global("GlobalMaxPool"),
    window("LpPool", 2, Floats::f32),
    window("MaxPool", 1, Floats::f32_f64),
    {.domain = "",
     .type = "MaxUnpool",
     .first_version = 9,
     .last_version = 22,
     .infer = infer_unpool,
     .rule = unpool_rule,
     .eval = eval_max_unpool,
     .floats = Floats::all},
    tflite("AVERAGE_POOL_2D", 3),
    tflite("L2_POOL_2D", 1),
    tflite("MAX_POOL_2D", 3),
};

}  // namespace

OpFamily pool_family() { return {"pool", "The largest or the mean number in a sliding window.", kOps}; }

}  // namespace narrowcast::ops
