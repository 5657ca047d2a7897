#include "ops/constant/constant_eval.h"

#include <algorithm>
#include <array>

#include "ops/box.h"
#include "ops/cast/convert.h"

namespace narrowcast::ops {
namespace {

constexpr std::size_t kWidest = 16;

Status fill_shape(EvalContext& ctx, DType dtype, const Shape& shape, const uint8_t* element) {
  if (std::ranges::any_of(shape, [](int64_t size) { return size < 0; })) {
    return fail(ErrorCode::malformed, ctx.op().type + ": a size is below zero.");
  }
  NC_TRY(const unsigned width, element_width(ctx.op(), dtype));
  NC_TRY(Tensor* const y, ctx.make(0, dtype, shape));
  fill_elements(width, element, y->count(), y->writable<uint8_t>());
  return {};
}

// How many steps, or nothing when that leaves 63 bits.
template <typename T>
std::optional<int64_t> steps_between(T start, T limit, T delta) {
  if constexpr (std::is_integral_v<T>) {
    if ((start < limit) != (delta > 0)) return 0;
    const uint64_t from = static_cast<uint64_t>(start);
    const uint64_t to = static_cast<uint64_t>(limit);
    const uint64_t way = delta > 0 ? to - from : from - to;
    const uint64_t step = delta > 0 ? static_cast<uint64_t>(delta) : -static_cast<uint64_t>(delta);
    const uint64_t count = way / step + (way % step != 0 ? 1 : 0);
    return count > INT64_MAX ? std::nullopt : std::optional(static_cast<int64_t>(count));
  } else {
    // The difference is rounded to the type, the quotient is not: so runtimes count.
    const double steps = static_cast<double>(limit - start) / static_cast<double>(delta);
    if (!(steps < 0x1p62)) return std::nullopt;
    if (steps <= 0) return 0;
    const auto whole = static_cast<int64_t>(steps);
    return static_cast<double>(whole) < steps ? whole + 1 : whole;
  }
}

template <typename T>
T sum_of(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  } else {
    return a + b;
  }
}

template <typename T>
Status range_of(EvalContext& ctx) {
  const T start = ctx.data<T>(0)[0];
  const T limit = ctx.data<T>(1)[0];
  const T delta = ctx.data<T>(2)[0];
  if (delta == 0) return fail(ErrorCode::malformed, ctx.op().type + ": delta is zero.");
  const auto count = steps_between(start, limit, delta);
  if (!count) return fail(ErrorCode::malformed, ctx.op().type + ": the range does not end.");
  NC_TRY(Tensor* const y, ctx.make(0, ctx.operand(0).dtype, Shape{*count}));
  T value = start;
  for (int64_t i = 0; i < *count; ++i) {
    y->writable<T>()[i] = value;
    value = sum_of(value, delta);
  }
  return {};
}

}  // namespace

Status eval_constant(EvalContext& ctx) {
  const AttributeValue* attribute = ctx.op().find("value");
  const auto* value = attribute != nullptr ? std::get_if<Constant>(attribute) : nullptr;
  if (value == nullptr || dtype_bits(value->dtype) == 0) {
    return fail(ErrorCode::unsupported, "Constant: strings and sparse tensors do not run here.");
  }
  NC_TRY(Tensor* const y, ctx.make(0, value->dtype, value->shape));
  if (payload_length(value->payload) != y->bytes()) {
    return fail(ErrorCode::malformed, "Constant: the value's bytes do not fill its shape.");
  }
  read_payload(ctx.files(), value->payload, 0, {y->writable<uint8_t>(), y->bytes()});
  return {};
}

Status eval_constant_of_shape(EvalContext& ctx) {
  std::array<uint8_t, kWidest> element{};
  const AttributeValue* attribute = ctx.op().find("value");
  const auto* value = attribute != nullptr ? std::get_if<Constant>(attribute) : nullptr;
  const DType dtype = value != nullptr ? value->dtype : DType::f32;
  if (value != nullptr) {
    NC_TRY(const unsigned width, element_width(ctx.op(), dtype));
    if (element_count(value->shape) != 1 || payload_length(value->payload) != width) {
      return fail(ErrorCode::malformed, "ConstantOfShape: the value is not one element.");
    }
    read_payload(ctx.files(), value->payload, 0, {element.data(), width});
  }
  return fill_shape(ctx, dtype, ctx.ints(0), element.data());
}

Status eval_fill(EvalContext& ctx) {
  const Tensor& value = ctx.operand(1);
  if (value.count() != 1) return fail(ErrorCode::malformed, "FILL: the value is not one element.");
  return fill_shape(ctx, value.dtype, ctx.ints(0), value.data);
}

Status eval_eye_like(EvalContext& ctx) {
  const Shape shape = ctx.operand(0).shape;
  const DType dtype = ctx.inferred(0).dtype;
  if (shape.size() != 2) return fail(ErrorCode::malformed, "EyeLike: the operand is no matrix.");
  if (!converts(dtype)) return fail(ErrorCode::unsupported, "EyeLike of this type does not run here.");
  NC_TRY(const unsigned width, element_width(ctx.op(), dtype));
  NC_TRY(Tensor* const y, ctx.make(0, dtype, shape));
  std::array<uint8_t, kWidest> one{};
  const float real = 1;
  convert_elements(Tensor{DType::f32, Layout::plain, {}, {}, reinterpret_cast<const uint8_t*>(&real)},
                   Tensor{dtype, Layout::plain, {}, {}, one.data()}, true);
  auto* bytes = y->writable<uint8_t>();
  std::fill_n(bytes, y->bytes(), uint8_t{0});
  const int64_t k = ctx.op().int_or("k", 0);
  if (k <= -shape[0] || k >= shape[1]) return {};
  for (int64_t row = k < 0 ? -k : 0; row < shape[0] && row + k < shape[1]; ++row) {
    std::copy_n(one.data(), width, bytes + static_cast<std::size_t>(row * shape[1] + row + k) * width);
  }
  return {};
}

Status eval_range(EvalContext& ctx) {
  const DType dtype = ctx.operand(0).dtype;
  for (std::size_t i = 0; i < 3; ++i) {
    if (!ctx.present(i) || ctx.operand(i).count() != 1 || ctx.operand(i).dtype != dtype) {
      return fail(ErrorCode::malformed, ctx.op().type + ": start, limit and delta are one element of a type each.");
    }
  }
  switch (dtype) {
    case DType::f32:
      return range_of<float>(ctx);
    case DType::f64:
      return range_of<double>(ctx);
    case DType::i16:
      return range_of<int16_t>(ctx);
    case DType::i32:
      return range_of<int32_t>(ctx);
    case DType::i64:
      return range_of<int64_t>(ctx);
    default:
      return fail(ErrorCode::unsupported, ctx.op().type + " of this type does not run here.");
  }
}

}  // namespace narrowcast::ops
