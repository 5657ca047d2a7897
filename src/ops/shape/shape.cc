#include <algorithm>
#include <array>

#include "ops/eval.h"
#include "ops/fold.h"
#include "ops/sizes.h"
#include "ops/tflite_type.h"

namespace narrowcast::ops {
namespace {

bool is_known(const Shape& shape) {
  return std::ranges::none_of(shape, [](int64_t size) { return size < 0; });
}

void set_sizes(InferContext& ctx, DType dtype, const Shape& sizes) {
  ctx.set(0, dtype, Shape{static_cast<int64_t>(sizes.size())});
  if (is_known(sizes)) set_folded(ctx, 0, dtype, sizes);
}

// Since version 15, start and end cut the list as Python would, without an error.
Shape cut_sizes(const RawOp& op, const Shape& x) {
  const auto rank = static_cast<int64_t>(x.size());
  const auto bound = [&](std::string_view name, int64_t fallback) {
    const int64_t value = op.int_or(name, fallback);
    return std::clamp<int64_t>(value < 0 ? value + rank : value, 0, rank);
  };
  const int64_t start = bound("start", 0);
  const int64_t end = std::max(start, bound("end", rank));
  return {x.begin() + start, x.begin() + end};
}

Status infer_shape(InferContext& ctx) {
  ctx.set(0, DType::i64, Shape{kUnknownDim});
  if (const Shape* x = ctx.shape(0)) set_sizes(ctx, DType::i64, cut_sizes(ctx.op(), *x));
  return {};
}

Status infer_size(InferContext& ctx) {
  ctx.set(0, DType::i64, Shape{});
  const Shape* x = ctx.shape(0);
  if (x == nullptr || !is_known(*x)) return {};
  const int64_t count = multiply_sizes(*x);
  if (count >= 0) ctx.set_ints(0, {count});
  return {};
}

Status infer_shape_tflite(InferContext& ctx) {
  const DType stated = dtype_of_tflite_number(ctx.op().int_or("out_type", 0));
  const DType dtype = stated == DType::i64 ? DType::i64 : DType::i32;
  ctx.set(0, dtype, Shape{kUnknownDim});
  if (const Shape* x = ctx.shape(0)) set_sizes(ctx, dtype, *x);
  return {};
}

Status infer_rank(InferContext& ctx) {
  ctx.set(0, DType::i32, Shape{});
  if (const Shape* x = ctx.shape(0)) ctx.set_ints(0, {static_cast<int64_t>(x->size())});
  return {};
}

Status give(EvalContext& ctx, const Shape& result, std::span<const int64_t> values) {
  const DType dtype = ctx.inferred(0).dtype == DType::i32 ? DType::i32 : DType::i64;
  NC_TRY(Tensor* const y, ctx.make(0, dtype, result));
  if (dtype == DType::i64) {
    std::ranges::copy(values, y->writable<int64_t>());
  } else {
    std::ranges::transform(values, y->writable<int32_t>(), [](int64_t value) { return static_cast<int32_t>(value); });
  }
  return {};
}

Status give_list(EvalContext& ctx, const Shape& sizes) {
  return give(ctx, {static_cast<int64_t>(sizes.size())}, sizes);
}

Status eval_shape(EvalContext& ctx) { return give_list(ctx, cut_sizes(ctx.op(), ctx.operand(0).shape)); }
Status eval_shape_tflite(EvalContext& ctx) { return give_list(ctx, ctx.operand(0).shape); }
Status eval_size(EvalContext& ctx) { return give(ctx, {}, std::array{element_count(ctx.operand(0).shape)}); }
Status eval_rank(EvalContext& ctx) {
  return give(ctx, {}, std::array{static_cast<int64_t>(ctx.operand(0).shape.size())});
}

// No element is read, so the operand may be of any type and lie as it likes.
constexpr OpDef about(std::string_view domain, std::string_view type, int last, Status (*infer)(InferContext&),
                      Status (*eval)(EvalContext&)) {
  return {.domain = domain,
          .type = type,
          .first_version = 1,
          .last_version = last,
          .infer = infer,
          .eval = eval,
          .floats = Floats::all,
          .layouts = Layouts::follow};
}

constexpr OpDef kOps[] = {
    about("", "Shape", 23, infer_shape, eval_shape),
    about("", "Size", 23, infer_size, eval_size),
    about(kTfliteDomain, "RANK", 1, infer_rank, eval_rank),
    about(kTfliteDomain, "SHAPE", 1, infer_shape_tflite, eval_shape_tflite),
};

}  // namespace

OpFamily shape_family() { return {"shape", "An operand's sizes, their number or their product.", kOps}; }

}  // namespace narrowcast::ops
