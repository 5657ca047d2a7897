#include <array>

#include "ops/axes.h"
#include "ops/constant/constant_eval.h"
#include "ops/elementwise.h"
#include "ops/fold.h"
#include "ops/onnx_type.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

// Elements of a shape that are all the same integer.
void fill_ints(InferContext& ctx, DType dtype, const Shape& shape, int64_t value) {
  const int64_t count = multiply_sizes(shape);
  if (count < 0 || count > static_cast<int64_t>(kMaxInts)) return;
  set_folded(ctx, 0, dtype, std::vector<int64_t>(static_cast<std::size_t>(count), value));
}

// The reader makes a constant of it where it can; then this is not asked.
Status infer_constant(InferContext& ctx) {
  if (const AttributeValue* value = ctx.op().find("value")) {
    if (const auto* constant = std::get_if<Constant>(value)) ctx.set(0, constant->dtype, constant->shape);
  } else if (ctx.op().find("value_string") != nullptr) {
    ctx.set(0, DType::string, Shape{});
  } else if (const AttributeValue* strings = ctx.op().find("value_strings")) {
    if (const auto* list = std::get_if<std::vector<std::string>>(strings)) {
      ctx.set(0, DType::string, Shape{static_cast<int64_t>(list->size())});
    }
  }
  return {};
}

// Without `value` the elements are float zeros.
Status infer_constant_of_shape(InferContext& ctx) {
  const AttributeValue* attribute = ctx.op().find("value");
  const auto* value = attribute != nullptr ? std::get_if<Constant>(attribute) : nullptr;
  const DType dtype = value != nullptr ? value->dtype : (attribute == nullptr ? DType::f32 : DType::unknown);
  if (const auto* shape = ctx.ints(0)) {
    ctx.set(0, dtype, Shape(*shape));
    const auto element = value != nullptr ? constant_ints(*value, ctx.files()) : std::nullopt;
    if (element && element->size() == 1) fill_ints(ctx, dtype, *shape, (*element)[0]);
    return {};
  }
  const auto rank = rank_from_list(ctx, 0);
  ctx.set(0, dtype, rank ? std::optional(unknown_sizes(*rank)) : std::nullopt);
  return {};
}

Status infer_fill(InferContext& ctx) {
  const DType dtype = ctx.dtype(1);
  if (const auto* shape = ctx.ints(0)) {
    ctx.set(0, dtype, Shape(*shape));
    if (const auto* value = ctx.ints(1); value != nullptr && value->size() == 1) {
      fill_ints(ctx, dtype, *shape, (*value)[0]);
    }
    return {};
  }
  const auto rank = rank_from_list(ctx, 0);
  ctx.set(0, dtype, rank ? std::optional(unknown_sizes(*rank)) : std::nullopt);
  return {};
}

DType stated_type(const InferContext& ctx, DType fallback) {
  return ctx.op().find("dtype") != nullptr ? dtype_of_onnx_number(ctx.op().int_or("dtype", 0)) : fallback;
}

Status infer_like(InferContext& ctx) {
  ctx.set(0, stated_type(ctx, ctx.dtype(0)), ctx.operand(0).type.shape);
  return {};
}

Status infer_random(InferContext& ctx) {
  ctx.set(0, stated_type(ctx, DType::f32), ctx.op().ints("shape"));
  return {};
}

// ceil((limit - start) / delta), not below zero, as runtimes compute it for floats; nothing when it is not certain.
int64_t float_range(const InferContext& ctx) {
  std::array<float, 3> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const auto* one = ctx.floats(i);
    if (one == nullptr || one->size() != 1) return kUnknownDim;
    bounds[i] = (*one)[0];
  }
  const float way = bounds[1] - bounds[0];
  const double steps = static_cast<double>(way) / static_cast<double>(bounds[2]);
  if (!(steps < static_cast<double>(kMaxModest))) return kUnknownDim;
  if (steps <= 0) return 0;
  const auto whole = static_cast<int64_t>(steps);
  return static_cast<double>(whole) < steps ? whole + 1 : whole;
}

// start, limit and delta.
Status infer_range(InferContext& ctx) {
  const DType dtype = ctx.dtype(0);
  ctx.set(0, dtype, Shape{float_range(ctx)});
  const auto* start = ctx.ints(0);
  const auto* limit = ctx.ints(1);
  const auto* delta = ctx.ints(2);
  for (const auto* list : {start, limit, delta}) {
    if (list == nullptr || list->size() != 1 || !is_modest((*list)[0])) return {};
  }
  const int64_t step = (*delta)[0];
  if (step == 0) return fail(ErrorCode::malformed, ctx.op().type + ": delta is zero.");
  const int64_t way = (*limit)[0] - (*start)[0];
  const int64_t count = (way < 0) != (step < 0) ? 0 : way / step + (way % step != 0 ? 1 : 0);
  ctx.set(0, dtype, Shape{count});
  if (count > static_cast<int64_t>(kMaxInts)) return {};
  std::vector<int64_t> values;
  for (int64_t i = 0; i < count; ++i) values.push_back((*start)[0] + i * step);
  set_folded(ctx, 0, dtype, std::move(values));
  return {};
}

Rule all_plain(const RuleQuery& query) { return {std::vector<OperandRule>(query.operands.size(), {Role::plain, {}})}; }

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Bernoulli",
     .first_version = 15,
     .last_version = 22,
     .infer = infer_like,
     .half_since = kNeverHalf},
    {.domain = "",
     .type = "Constant",
     .first_version = 1,
     .last_version = 23,
     .infer = infer_constant,
     .eval = eval_constant,
     .floats = Floats::all,
     .half_since = kNeverHalf},
    {.domain = "",
     .type = "ConstantOfShape",
     .first_version = 9,
     .last_version = 23,
     .infer = infer_constant_of_shape,
     .rule = all_plain,
     .eval = eval_constant_of_shape,
     .floats = Floats::all,
     .half_since = kNeverHalf},
    {.domain = "",
     .type = "EyeLike",
     .first_version = 9,
     .last_version = 22,
     .infer = infer_like,
     .rule = all_plain,
     .eval = eval_eye_like,
     .floats = Floats::all,
     .half_since = kNeverHalf},
    {.domain = "",
     .type = "RandomNormal",
     .first_version = 1,
     .last_version = 22,
     .infer = infer_random,
     .half_since = kNeverHalf},
    {.domain = "",
     .type = "RandomNormalLike",
     .first_version = 1,
     .last_version = 22,
     .infer = infer_like,
     .half_since = kNeverHalf},
    {.domain = "",
     .type = "RandomUniform",
     .first_version = 1,
     .last_version = 22,
     .infer = infer_random,
     .half_since = kNeverHalf},
    {.domain = "",
     .type = "RandomUniformLike",
     .first_version = 1,
     .last_version = 22,
     .infer = infer_like,
     .half_since = kNeverHalf},
    {.domain = "",
     .type = "Range",
     .first_version = 11,
     .last_version = 11,
     .infer = infer_range,
     .rule = all_plain,
     .eval = eval_range,
     .floats = Floats::f32_f64,
     .half_since = kNeverHalf},
    {.domain = kTfliteDomain,
     .type = "FILL",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_fill,
     .rule = all_plain,
     .eval = eval_fill,
     .floats = Floats::all},
    {.domain = kTfliteDomain,
     .type = "RANGE",
     .first_version = 1,
     .last_version = 2,
     .infer = infer_range,
     .rule = all_plain,
     .eval = eval_range,
     .floats = Floats::f32_f64},
};

}  // namespace

OpFamily constant_family() { return {"constant", "Makes numbers out of none: constants, fills, ranges.", kOps}; }

}  // namespace narrowcast::ops
