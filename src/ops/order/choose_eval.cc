#include <algorithm>
#include <cstring>

#include "ops/axes.h"
#include "ops/box.h"
#include "ops/elements.h"
#include "ops/index.h"
#include "ops/order/order_eval.h"

namespace narrowcast::ops {
namespace {

// Row-major places of elements that are not zero; NaN is none.
template <typename T>
std::vector<std::size_t> places_of(const T* from, std::size_t count) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < count; ++i) {
    if (from[i] != 0) places.push_back(i);
  }
  return places;
}

// Indices compare as integers; a float that is none matches nothing.
constexpr int64_t kNoIndex = INT64_MIN;
int64_t index_at(const Tensor& indices, std::size_t i) {
  if (!is_real(indices.dtype)) return load_int(indices, i);
  const double value = load_real(indices, i);
  const int64_t whole = cut(value);
  return static_cast<double>(whole) == value ? whole : kNoIndex;
}

struct HotValues {
  const uint8_t* off = nullptr;
  const uint8_t* on = nullptr;
};

// ONNX: both values in one operand, off first. TFLite: two operands, on first.
Result<HotValues> read_values(const EvalContext& ctx, unsigned width) {
  const Tensor& values = ctx.operand(2);
  if (ctx.op().domain != kTfliteDomain) {
    if (values.count() != 2) return fail(ErrorCode::malformed, "OneHot: the values are not two.");
    return HotValues{values.data, values.data + width};
  }
  if (!ctx.present(3) || values.count() != 1 || ctx.operand(3).count() != 1 || ctx.operand(3).dtype != values.dtype) {
    return fail(ErrorCode::malformed, "ONE_HOT: the values are not one element of a type each.");
  }
  return HotValues{ctx.operand(3).data, values.data};
}

}  // namespace

Status eval_non_zero(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  std::vector<std::size_t> places;
  const bool ran = visit_number(x.dtype, [&](auto zero) { places = places_of(x.as<decltype(zero)>(), x.count()); });
  if (!ran) return fail(ErrorCode::unsupported, ctx.op().type + " of this type does not run here.");
  const bool tflite = ctx.op().domain == kTfliteDomain;
  // A scalar has one place, on an axis of one entry; TFLite has no such case.
  const Shape shape = x.rank() == 0 && !tflite ? Shape{1} : x.shape;
  const std::vector<int64_t> strides = strides_of(shape, Layout::plain);
  const auto count = static_cast<int64_t>(places.size());
  const auto rank = static_cast<int64_t>(shape.size());
  NC_TRY(Tensor* const y, ctx.make(0, DType::i64, tflite ? Shape{count, rank} : Shape{rank, count}));
  for (std::size_t i = 0; i < places.size(); ++i) {
    auto rest = static_cast<int64_t>(places[i]);
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      const std::size_t at = tflite ? i * shape.size() + axis : axis * places.size() + i;
      y->writable<int64_t>()[at] = rest / strides[axis];
      rest %= strides[axis];
    }
  }
  return {};
}

Status eval_compress(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const Tensor& condition = ctx.operand(1);
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  if (condition.dtype != DType::boolean || condition.rank() != 1) {
    return fail(ErrorCode::malformed, "Compress: the condition is no list of booleans.");
  }
  Shape shape{static_cast<int64_t>(x.count())};
  std::size_t axis = 0;
  if (ctx.op().find("axis") != nullptr) {
    NC_TRY(axis, find_axis(ctx.op(), ctx.op().int_or("axis", 0), x.rank()));
    shape = x.shape;
  }
  // Entries beyond the condition's end are not taken.
  const auto n = static_cast<std::size_t>(shape[axis]);
  std::vector<std::size_t> places = places_of(condition.data, std::min(condition.count(), n));
  const std::size_t outer = count_of(std::span(shape).first(axis));
  const std::size_t bytes = count_of(std::span(shape).subspan(axis + 1)) * width;
  shape[axis] = static_cast<int64_t>(places.size());
  NC_TRY(Tensor* const y, ctx.make(0, x.dtype, shape));
  if (y->count() == 0) return {};
  auto* to = y->writable<uint8_t>();
  for (std::size_t o = 0; o < outer; ++o) {
    for (const std::size_t place : places) {
      std::memcpy(to, x.data + (o * n + place) * bytes, bytes);
      to += bytes;
    }
  }
  return {};
}

Status eval_one_hot(EvalContext& ctx) {
  const Tensor& indices = ctx.operand(0);
  const DType dtype = ctx.operand(2).dtype;
  NC_TRY(const unsigned width, element_width(ctx.op(), dtype));
  NC_TRY(const HotValues values, read_values(ctx, width));
  if (ctx.operand(1).count() != 1) return fail(ErrorCode::malformed, ctx.op().type + ": the depth is not one number.");
  const int64_t depth = cut(load_real(ctx.operand(1), 0));
  if (depth < 0) return fail(ErrorCode::malformed, ctx.op().type + ": the depth is below zero.");
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), ctx.op().int_or("axis", -1), indices.rank() + 1));
  Shape shape = indices.shape;
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), depth);
  NC_TRY(Tensor* const y, ctx.make(0, dtype, shape));
  auto* to = y->writable<uint8_t>();
  fill_elements(width, values.off, y->count(), to);
  const std::size_t inner = count_of(std::span(indices.shape).subspan(axis));
  const bool wraps = ctx.op().domain != kTfliteDomain;
  for (std::size_t i = 0; i < indices.count(); ++i) {
    int64_t at = index_at(indices, i);
    if (wraps && at < 0 && at >= -depth) at += depth;
    if (at < 0 || at >= depth) continue;
    const std::size_t place = (i / inner * static_cast<std::size_t>(depth) + static_cast<std::size_t>(at)) * inner;
    std::memcpy(to + (place + i % inner) * width, values.on, width);
  }
  return {};
}

}  // namespace narrowcast::ops
