#include <algorithm>

#include "ops/axes.h"
#include "ops/resize/resize_eval.h"
#include "ops/resize/resize_lift.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

constexpr int kSizesSince = 11;
constexpr int kScalesAreOperand = 9;  // Upsample
constexpr int kSubsetOfAxes = 18;

// Sizes of the given axes, from the operand that states them.
Status set_sizes(InferContext& ctx, const Shape& x, const std::vector<int64_t>& sizes,
                 const std::vector<int64_t>& axes) {
  Shape out = x;
  const std::size_t count = axes.empty() ? x.size() : axes.size();
  if (sizes.size() != count) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the sizes do not fit the shape " + shape_text(x) + ".");
  }
  const std::string_view policy = ctx.op().string_or("keep_aspect_ratio_policy", "stretch");
  const bool stretched = policy == "stretch";
  NC_TRY(const std::vector<std::size_t> resized, resized_axes(ctx.op(), x.size()));
  const bool known = std::ranges::all_of(resized, [&](std::size_t axis) { return x[axis] > 0; });
  const float scale = stretched || !known ? 1 : common_scale(policy, x, sizes, resized);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t axis = i;
    if (!axes.empty()) {
      NC_TRY(axis, find_axis(ctx.op(), axes[i], x.size()));
    }
    out[axis] = stretched ? sizes[i] : known ? rounded_size(x[axis], scale) : kUnknownDim;
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

// floor(in * scale) in float32; the product is not below zero.
int64_t scaled(int64_t size, float scale) {
  if (size < 0 || !is_modest(size) || !(scale > 0)) return kUnknownDim;
  const float out = static_cast<float>(size) * scale;
  return out < static_cast<float>(kMaxModest) ? static_cast<int64_t>(out) : kUnknownDim;
}

Status set_scaled(InferContext& ctx, const Shape& x, const std::vector<float>& scales,
                  const std::vector<int64_t>& axes) {
  Shape out = x;
  const std::size_t count = axes.empty() ? x.size() : axes.size();
  if (scales.size() != count) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the scales do not fit the shape " + shape_text(x) + ".");
  }
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t axis = i;
    if (!axes.empty()) {
      NC_TRY(axis, find_axis(ctx.op(), axes[i], x.size()));
    }
    out[axis] = scaled(x[axis], scales[i]);
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

Status infer_resize(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  const RawOp& op = ctx.op();
  ctx.set(0, ctx.dtype(0), unknown_sizes(x->size()));
  const bool has_sizes = op.version >= kSizesSince;
  const std::vector<int64_t> axes = op.version >= kSubsetOfAxes ? op.ints("axes") : std::vector<int64_t>{};
  const auto* scales = ctx.floats(has_sizes ? 2 : 1);
  if (scales != nullptr && !scales->empty()) return set_scaled(ctx, *x, *scales, axes);
  const auto* sizes = has_sizes ? ctx.ints(3) : nullptr;
  return sizes != nullptr && !sizes->empty() ? set_sizes(ctx, *x, *sizes, axes) : Status();
}

Status infer_upsample(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  ctx.set(0, ctx.dtype(0), unknown_sizes(x->size()));
  const AttributeValue* scales = ctx.op().version < kScalesAreOperand ? ctx.op().find("scales") : nullptr;
  const auto* list = scales != nullptr ? std::get_if<std::vector<float>>(scales) : ctx.floats(1);
  return list != nullptr ? set_scaled(ctx, *x, *list, {}) : Status();
}

// TFLite: the second operand holds height and width.
Status infer_tflite(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr || x->size() != 4) return {};
  const auto* size = ctx.ints(1);
  const bool known = size != nullptr && size->size() == 2;
  ctx.set(0, ctx.dtype(0), Shape{(*x)[0], known ? (*size)[0] : kUnknownDim, known ? (*size)[1] : kUnknownDim, (*x)[3]});
  return {};
}

// The kernel reads scales and regions of interest as they are: a rounded scale gives another size.
Rule onnx_rule(const RuleQuery&) {
  return {{{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}, {Role::plain, {}}}};
}
Rule tflite_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}}}; }

constexpr LiftStep kResizeLifts[] = {{kSizesSince, lift_to_stated_coordinates}, {13, lift_nearest_of_half_pixels}};
constexpr LiftStep kUpsampleLifts[] = {{kScalesAreOperand, lift_scales}, {10, lift_upsample}};

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Resize",
     .first_version = 10,
     .last_version = 19,
     .infer = infer_resize,
     .rule = onnx_rule,
     .eval = eval_resize,
     .floats = Floats::f32_f64,
     .layouts = Layouts::image,
     .lifts = kResizeLifts,
     .float_operands = 0b110},
    {.domain = "",
     .type = "Upsample",
     .first_version = 7,
     .last_version = 10,
     .infer = infer_upsample,
     .rule = onnx_rule,
     .eval = eval_resize,
     .floats = Floats::f32_f64,
     .layouts = Layouts::image,
     .lifts = kUpsampleLifts,
     .float_operands = 0b10},
    {.domain = kTfliteDomain,
     .type = "RESIZE_BILINEAR",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_tflite,
     .rule = tflite_rule,
     .eval = eval_resize_tflite},
    {.domain = kTfliteDomain,
     .type = "RESIZE_NEAREST_NEIGHBOR",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_tflite,
     .rule = tflite_rule,
     .eval = eval_resize_tflite},
};

}  // namespace

OpFamily resize_family() { return {"resize", "Samples an image at another size.", kOps}; }

}  // namespace narrowcast::ops
