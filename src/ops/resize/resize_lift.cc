#include "ops/resize/resize_lift.h"

#include <algorithm>

namespace narrowcast::ops {
namespace {

bool takes_nearest(const RawOp& op) { return op.string_or("mode", "nearest") == "nearest"; }

std::vector<Attribute> nearest_rules(std::string rounding) {
  return {{"mode", std::string("nearest")},
          {"coordinate_transformation_mode", std::string("asymmetric")},
          {"nearest_mode", std::move(rounding)}};
}

}  // namespace

Status lift_scales(LiftContext& ctx) {
  const AttributeValue* scales = ctx.op().find("scales");
  const auto* list = scales == nullptr ? nullptr : std::get_if<std::vector<float>>(scales);
  if (list == nullptr) return fail(ErrorCode::unsupported, "it has no scales");
  ctx.set_operand(1, ctx.add_floats("scales", *list));
  ctx.drop_attribute("scales");
  return {};
}

Status lift_upsample(LiftContext& ctx) {
  ctx.rename("Resize");
  return {};
}

Status lift_to_stated_coordinates(LiftContext& ctx) {
  if (!ctx.has_operand(1)) return fail(ErrorCode::unsupported, "it has no scales");
  const bool nearest = takes_nearest(ctx.op());
  const ValueId scales = ctx.node().inputs[1];
  const auto known = nearest ? ctx.constant_floats(scales) : std::nullopt;
  const auto any = [&](auto holds) { return nearest && (!known || std::ranges::any_of(*known, holds)); };
  const bool grows = any([](float scale) { return scale > 1; });
  const bool shrinks = any([](float scale) { return scale < 1; });
  const ValueId no_region = ctx.add_floats("roi", {});
  ctx.set_operand(1, no_region);
  ctx.set_operand(2, scales);
  ctx.set_attribute("coordinate_transformation_mode", std::string("asymmetric"));
  if (!nearest) return {};
  ctx.set_attribute("nearest_mode", std::string(shrinks ? "ceil" : "floor"));
  if (!grows || !shrinks) return {};
  const TensorType type = {DType::f32, Shape{kUnknownDim}};
  const ValueId one = ctx.add_floats("unscaled", {1});
  ctx.set_operand(2, ctx.insert("Min", {scales, one}, {}, type));
  const ValueId up = ctx.insert("Max", {scales, one}, {}, type);
  ctx.append(0, {ctx.operand(0).type.dtype, std::nullopt}, "Resize", {no_region, up}, nearest_rules("floor"));
  return {};
}

Status lift_nearest_of_half_pixels(LiftContext& ctx) {
  if (ctx.op().string_or("coordinate_transformation_mode", "half_pixel") != "tf_half_pixel_for_nn") return {};
  const std::string_view rounding = ctx.op().string_or("nearest_mode", "round_prefer_floor");
  const bool cut = rounding == "floor";
  if (!takes_nearest(ctx.op()) || (!cut && rounding != "round_prefer_floor")) {
    return fail(ErrorCode::unsupported, "opset 13 has no equal of its coordinates");
  }
  ctx.set_attribute("coordinate_transformation_mode", std::string("half_pixel"));
  ctx.set_attribute("nearest_mode", std::string(cut ? "round_prefer_ceil" : "ceil"));
  return {};
}

}  // namespace narrowcast::ops
