#include <algorithm>

#include "ops/axes.h"
#include "ops/fold.h"
#include "ops/lift.h"
#include "ops/reduce/arg_eval.h"
#include "ops/reduce/reduce_eval.h"
#include "ops/sizes.h"
#include "ops/tflite_type.h"

namespace narrowcast::ops {
namespace {

Shape reduced_shape(const Shape& x, const std::vector<bool>& reduced, bool keep) {
  Shape out;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!reduced[i]) {
      out.push_back(x[i]);
    } else if (keep) {
      out.push_back(1);
    }
  }
  return out;
}

// `all_when_empty`: what an absent or empty list means.
Status infer_axes(InferContext& ctx, const List& axes, bool keep, bool all_when_empty) {
  const DType dtype = ctx.dtype(0);
  ctx.set(0, dtype, std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  if (axes.state == Listed::unknown) {
    if (keep) ctx.set(0, dtype, unknown_sizes(x->size()));
    return {};
  }
  NC_TRY(std::vector<bool> reduced, mark_axes(ctx.op(), axes.values, x->size()));
  if (axes.values.empty() && all_when_empty) reduced.assign(x->size(), true);
  ctx.set(0, dtype, reduced_shape(*x, reduced, keep));
  return {};
}

// ReduceProd of a shape gives its element count.
void fold_product(InferContext& ctx, const List& axes) {
  const auto* ints = ctx.ints(0);
  const Shape* x = ctx.shape(0);
  if (ints == nullptr || x == nullptr || x->size() > 1 || axes.state == Listed::unknown) return;
  if (axes.state == Listed::absent && ctx.op().int_or("noop_with_empty_axes", 0) != 0) return;
  if (std::ranges::any_of(*ints, [](int64_t value) { return value < 0; })) return;
  const int64_t product = multiply_sizes(*ints);
  if (product >= 0) set_folded(ctx, 0, ctx.dtype(0), {product});
}

Status infer_onnx(InferContext& ctx, int since) {
  const List axes = read_list(ctx, {.attribute = "axes", .operand_since = since, .slot = 1});
  const bool keep = ctx.op().int_or("keepdims", 1) != 0;
  const bool none = ctx.op().version >= since && ctx.op().int_or("noop_with_empty_axes", 0) != 0;
  NC_CHECK(infer_axes(ctx, axes, keep, !none));
  if (ctx.op().type == "ReduceProd") fold_product(ctx, axes);
  return {};
}

Status infer_reduce_sum(InferContext& ctx) { return infer_onnx(ctx, kReduceSumTakesAxes); }
Status infer_reduce(InferContext& ctx) { return infer_onnx(ctx, kOthersTakeAxes); }

Status infer_tflite(InferContext& ctx) {
  const List axes = read_list(ctx, 1);
  NC_CHECK(infer_axes(ctx, axes, ctx.op().int_or("keep_dims", 0) != 0, false));
  if (ctx.op().type == "REDUCE_PROD") fold_product(ctx, axes);
  return {};
}

Status infer_arg(InferContext& ctx, int64_t axis, bool keep, DType dtype) {
  ctx.set(0, dtype, std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  NC_TRY(const std::vector<bool> reduced, mark_axes(ctx.op(), {axis}, x->size()));
  ctx.set(0, dtype, reduced_shape(*x, reduced, keep));
  return {};
}

Status infer_arg_onnx(InferContext& ctx) {
  return infer_arg(ctx, ctx.op().int_or("axis", 0), ctx.op().int_or("keepdims", 1) != 0, DType::i64);
}

Status infer_arg_tflite(InferContext& ctx) {
  const DType stated = dtype_of_tflite_number(ctx.op().int_or("output_type", 0));
  const DType dtype = stated == DType::i32 ? DType::i32 : DType::i64;
  ctx.set(0, dtype, std::nullopt);
  const auto* axis = ctx.ints(1);
  if (axis == nullptr || axis->size() != 1) return {};
  return infer_arg(ctx, (*axis)[0], false, dtype);
}

constexpr OpDef onnx(std::string_view type, int last = 18) {
  return {.domain = "",
          .type = type,
          .first_version = 1,
          .last_version = last,
          .infer = infer_reduce,
          .eval = eval_reduce,
          .floats = Floats::f32_f64,
          .layouts = Layouts::follow,
          .row_fold = row_fold};
}
constexpr OpDef tflite(std::string_view type, int last) {
  return {.domain = kTfliteDomain,
          .type = type,
          .first_version = 1,
          .last_version = last,
          .infer = infer_tflite,
          .eval = eval_reduce,
          .row_fold = row_fold};
}
constexpr OpDef arg_onnx(std::string_view type) {
  return {.domain = "",
          .type = type,
          .first_version = 1,
          .last_version = 13,
          .infer = infer_arg_onnx,
          .eval = eval_arg,
          .floats = Floats::f32_f64};
}
constexpr OpDef arg_tflite(std::string_view type) {
  return {.domain = kTfliteDomain,
          .type = type,
          .first_version = 1,
          .last_version = 3,
          .infer = infer_arg_tflite,
          .eval = eval_arg};
}

// The others moved at opset 18.
Status lift_axes(LiftContext& ctx) {
  ctx.list_to_operand("axes", 1);
  return {};
}

constexpr LiftStep kSumLifts[] = {{kReduceSumTakesAxes, lift_axes}};

constexpr OpDef kOps[] = {
    arg_onnx("ArgMax"),
    arg_onnx("ArgMin"),
    onnx("ReduceL1"),
    onnx("ReduceL2"),
    onnx("ReduceLogSum"),
    onnx("ReduceLogSumExp"),
    onnx("ReduceMax", 20),
    onnx("ReduceMean"),
    onnx("ReduceMin", 20),
    onnx("ReduceProd"),
    {.domain = "",
     .type = "ReduceSum",
     .first_version = 1,
     .last_version = 13,
     .infer = infer_reduce_sum,
     .eval = eval_reduce,
     .floats = Floats::f32_f64,
     .layouts = Layouts::follow,
     .lifts = kSumLifts},
    onnx("ReduceSumSquare"),
    arg_tflite("ARG_MAX"),
    arg_tflite("ARG_MIN"),
    tflite("MEAN", 3),
    tflite("REDUCE_ALL", 1),
    tflite("REDUCE_ANY", 1),
    tflite("REDUCE_MAX", 3),
    tflite("REDUCE_MIN", 3),
    tflite("REDUCE_PROD", 2),
    tflite("SUM", 2),
};

}  // namespace

OpFamily reduce_family() { return {"reduce", "Makes one number of all along some axes.", kOps}; }

}  // namespace narrowcast::ops
