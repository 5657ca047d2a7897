#include <algorithm>

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
Status infer_shape(InferContext& ctx) {
  ctx.set(0, DType::i64, Shape{kUnknownDim});
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  const auto rank = static_cast<int64_t>(x->size());
  const auto bound = [&](std::string_view name, int64_t fallback) {
    const int64_t value = ctx.op().int_or(name, fallback);
    return std::clamp<int64_t>(value < 0 ? value + rank : value, 0, rank);
  };
  const int64_t start = bound("start", 0);
  const int64_t end = std::max(start, bound("end", rank));
  set_sizes(ctx, DType::i64, Shape(x->begin() + start, x->begin() + end));
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

constexpr OpDef kOps[] = {
    {.domain = "", .type = "Shape", .first_version = 1, .last_version = 23, .infer = infer_shape},
    {.domain = "", .type = "Size", .first_version = 1, .last_version = 23, .infer = infer_size},
    {.domain = kTfliteDomain, .type = "RANK", .first_version = 1, .last_version = 1, .infer = infer_rank},
    {.domain = kTfliteDomain, .type = "SHAPE", .first_version = 1, .last_version = 1, .infer = infer_shape_tflite},
};

}  // namespace

OpFamily shape_family() { return {"shape", "An operand's sizes, their number or their product.", kOps}; }

}  // namespace narrowcast::ops
