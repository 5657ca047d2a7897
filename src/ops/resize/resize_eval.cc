#include "ops/resize/resize_eval.h"

#include <algorithm>
#include <numeric>

#include "ops/axes.h"
#include "ops/box.h"
#include "ops/elements.h"
#include "ops/resize/resample.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

constexpr int kRulesSince = 11;
constexpr int kSubsetOfAxes = 18;
constexpr int kScalesAreOperand = 9;  // Upsample

struct Named {
  std::string_view name;
  uint8_t value;
};
constexpr Named kCoordinates[] = {
    {"half_pixel", static_cast<uint8_t>(Coordinates::half_pixel)},
    {"half_pixel_symmetric", static_cast<uint8_t>(Coordinates::half_pixel_symmetric)},
    {"pytorch_half_pixel", static_cast<uint8_t>(Coordinates::pytorch_half_pixel)},
    {"align_corners", static_cast<uint8_t>(Coordinates::align_corners)},
    {"asymmetric", static_cast<uint8_t>(Coordinates::asymmetric)},
    {"tf_half_pixel_for_nn", static_cast<uint8_t>(Coordinates::tf_half_pixel_for_nn)},
    {"tf_crop_and_resize", static_cast<uint8_t>(Coordinates::tf_crop_and_resize)},
};
constexpr Named kRoundings[] = {
    {"round_prefer_floor", static_cast<uint8_t>(Rounding::prefer_floor)},
    {"round_prefer_ceil", static_cast<uint8_t>(Rounding::prefer_ceil)},
    {"floor", static_cast<uint8_t>(Rounding::floor)},
    {"ceil", static_cast<uint8_t>(Rounding::ceil)},
};
constexpr Named kSamplings[] = {
    {"nearest", static_cast<uint8_t>(Sampling::nearest)},
    {"linear", static_cast<uint8_t>(Sampling::linear)},
    {"bilinear", static_cast<uint8_t>(Sampling::linear)},
    {"cubic", static_cast<uint8_t>(Sampling::cubic)},
};

template <typename Enum>
Result<Enum> named(const RawOp& op, std::string_view attribute, std::string_view fallback,
                   std::span<const Named> names) {
  const std::string_view text = op.string_or(attribute, fallback);
  const auto found = std::ranges::find(names, text, &Named::name);
  if (found != names.end()) return static_cast<Enum>(found->value);
  return fail(ErrorCode::malformed,
              op.type + ": " + std::string(attribute) + " " + std::string(text) + " is not known.");
}

Result<ResizeRules> read_rules(const RawOp& op) {
  ResizeRules rules;
  NC_TRY(rules.sampling, named<Sampling>(op, "mode", "nearest", kSamplings));
  if (op.type == "Upsample" || op.version < kRulesSince) {
    rules.coordinates = Coordinates::asymmetric;
    rules.rounding = Rounding::floor_or_ceil;
    return rules;
  }
  NC_TRY(rules.coordinates, named<Coordinates>(op, "coordinate_transformation_mode", "half_pixel", kCoordinates));
  NC_TRY(rules.rounding, named<Rounding>(op, "nearest_mode", "round_prefer_floor", kRoundings));
  rules.cubic_a = op.float_or("cubic_coeff_a", -0.75F);
  rules.exclude_outside = op.int_or("exclude_outside", 0) != 0;
  rules.antialias = op.int_or("antialias", 0) != 0;
  return rules;
}

std::vector<float> floats_of(const EvalContext& ctx, std::size_t slot) {
  std::vector<float> values;
  if (!ctx.present(slot)) return values;
  for (std::size_t i = 0; i < ctx.operand(slot).count(); ++i) {
    values.push_back(static_cast<float>(load_real(ctx.operand(slot), i)));
  }
  return values;
}

std::vector<float> read_scales(const EvalContext& ctx) {
  const RawOp& op = ctx.op();
  if (op.type == "Upsample" && op.version < kScalesAreOperand) {
    const AttributeValue* entry = op.find("scales");
    const auto* list = entry == nullptr ? nullptr : std::get_if<std::vector<float>>(entry);
    return list == nullptr ? std::vector<float>{} : *list;
  }
  return floats_of(ctx, op.type == "Resize" && op.version >= kRulesSince ? 2 : 1);
}

// What becomes of every axis of the shape. Errors: malformed.
Result<std::vector<ResizedAxis>> read_axes(const EvalContext& ctx, const Shape& result) {
  const RawOp& op = ctx.op();
  const Shape& x = ctx.operand(0).shape;
  NC_TRY(const std::vector<std::size_t> axes, resized_axes(op, x.size()));
  const std::vector<float> scales = read_scales(ctx);
  const bool has_roi = op.type == "Resize" && op.version >= kRulesSince;
  const std::vector<float> roi = has_roi ? floats_of(ctx, 1) : std::vector<float>{};
  const std::vector<int64_t> sizes = has_roi ? ctx.ints(3) : std::vector<int64_t>{};
  std::vector<ResizedAxis> resized(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    resized[i].n = static_cast<std::size_t>(x[i]);
    resized[i].out = static_cast<std::size_t>(result[i]);
    if (!is_modest(x[i]) || !is_modest(result[i]) || x[i] > INT32_MAX || (x[i] == 0 && result[i] > 0)) {
      return fail(ErrorCode::malformed,
                  op.type + ": " + shape_text(x) + " cannot be resized to " + shape_text(result) + ".");
    }
  }
  const std::string_view policy = op.string_or("keep_aspect_ratio_policy", "stretch");
  const bool common = scales.empty() && policy != "stretch" && sizes.size() == axes.size();
  const float shared = common ? common_scale(policy, x, sizes, axes) : 1;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    ResizedAxis& axis = resized[axes[i]];
    if (scales.size() == axes.size()) {
      axis.scale = scales[i];
    } else {
      axis.scale = common ? shared : static_cast<float>(axis.out) / static_cast<float>(axis.n);
    }
    if (axis.out > 0 && !(axis.scale > 0)) return fail(ErrorCode::malformed, op.type + ": a scale is not above zero.");
    if (roi.size() == 2 * axes.size()) {
      axis.roi_start = roi[i];
      axis.roi_end = roi[i + axes.size()];
    }
  }
  return resized;
}

Result<std::vector<ResizeStep>> make_steps(const ResizeRules& rules, const std::vector<ResizedAxis>& axes,
                                           Layout layout) {
  std::vector<ResizeStep> steps;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const bool crops =
        rules.coordinates == Coordinates::tf_crop_and_resize && (axes[i].roi_start != 0 || axes[i].roi_end != 1);
    if (axes[i].n == axes[i].out && axes[i].scale == 1 && !crops) continue;
    NC_TRY(AxisTable table, make_axis_table(rules, axes[i]));
    const std::size_t at = memory_axis(i, axes.size(), layout);
    steps.insert(std::ranges::upper_bound(steps, at, {}, &ResizeStep::axis), {at, std::move(table)});
  }
  return steps;
}

// Everything beyond the cropped axis, whatever the other axes say.
void fill_outside(const std::vector<ResizeStep>& steps, float value, const Tensor& y) {
  const Shape sizes = memory_shape(y.shape, y.layout);
  for (const ResizeStep& step : steps) {
    std::size_t inner = 1;
    for (std::size_t i = step.axis + 1; i < sizes.size(); ++i) inner *= static_cast<std::size_t>(sizes[i]);
    const auto out = static_cast<std::size_t>(sizes[step.axis]);
    const std::size_t lines = y.count() / inner;
    for (std::size_t line = 0; line < lines; ++line) {
      if (step.table.outside.empty() || !step.table.outside[line % out]) continue;
      for (std::size_t i = 0; i < inner; ++i) store_real(y, line * inner + i, static_cast<double>(value));
    }
  }
}

// Interpolates, in float32 whatever the elements are.
Status interpolate(EvalContext& ctx, const std::vector<ResizeStep>& steps, const Shape& sizes, const Tensor& y) {
  const Tensor& x = ctx.operand(0);
  if (x.dtype == DType::f32) return resample(ctx, steps, sizes, x.as<float>(), y.writable<float>());
  NC_TRY(uint8_t* const of_x, ctx.scratch(x.count() * sizeof(float)));
  NC_TRY(uint8_t* const of_y, ctx.scratch(y.count() * sizeof(float)));
  auto* const from = reinterpret_cast<float*>(of_x);
  auto* const to = reinterpret_cast<float*>(of_y);
  for (std::size_t i = 0; i < x.count(); ++i) from[i] = static_cast<float>(load_real(x, i));
  NC_CHECK(resample(ctx, steps, sizes, from, to));
  for (std::size_t i = 0; i < y.count(); ++i) store_real(y, i, static_cast<double>(to[i]));
  return {};
}

}  // namespace

float common_scale(std::string_view policy, const Shape& x, const std::vector<int64_t>& sizes,
                   const std::vector<std::size_t>& axes) {
  float scale = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const float each = static_cast<float>(sizes[i]) / static_cast<float>(x[axes[i]]);
    const bool better = policy == "not_larger" ? each < scale : each > scale;
    if (i == 0 || better) scale = each;
  }
  return scale;
}

int64_t rounded_size(int64_t n, float scale) {
  const float size = static_cast<float>(n) * scale + 0.5F;
  return size >= 0 && size < 0x1p31F ? static_cast<int64_t>(size) : kUnknownDim;
}

Result<std::vector<std::size_t>> resized_axes(const RawOp& op, std::size_t rank) {
  const std::vector<int64_t> stated =
      op.type == "Resize" && op.version >= kSubsetOfAxes ? op.ints("axes") : std::vector<int64_t>{};
  std::vector<std::size_t> axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (stated.empty()) return axes;
  axes.clear();
  for (const int64_t each : stated) {
    NC_TRY(const std::size_t axis, find_axis(op, each, rank));
    axes.push_back(axis);
  }
  return axes;
}

Status eval_resize(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const RawOp& op = ctx.op();
  NC_TRY(const ResizeRules rules, read_rules(op));
  NC_TRY(const unsigned width, element_width(op, x.dtype));
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  if (shape == x.shape) {
    ctx.share(0, x, shape, x.layout);
    return {};
  }
  NC_TRY(const std::vector<ResizedAxis> axes, read_axes(ctx, shape));
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->count() == 0) return {};
  NC_TRY(const std::vector<ResizeStep> steps, make_steps(rules, axes, x.layout));
  const Shape sizes = memory_shape(x.shape, x.layout);
  if (rules.sampling == Sampling::nearest) {
    NC_CHECK(pick(ctx, steps, sizes, width, x.data, y->writable<uint8_t>()));
  } else {
    NC_CHECK(interpolate(ctx, steps, sizes, *y));
  }
  fill_outside(steps, op.float_or("extrapolation_value", 0), *y);
  return {};
}

Status eval_resize_tflite(EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  const RawOp& op = ctx.op();
  const bool nearest = op.type == "RESIZE_NEAREST_NEIGHBOR";
  NC_TRY(const unsigned width, element_width(op, x.dtype));
  NC_TRY(const Shape shape, result_shape(ctx, 0));
  if (x.rank() != 4 || shape.size() != 4 || (!nearest && x.dtype != DType::f32)) {
    return fail(ErrorCode::unsupported, op.type + " of " + std::string(dtype_name(x.dtype)) + " " +
                                            shape_text(x.shape) + " does not run here.");
  }
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->count() == 0) return {};
  std::vector<ResizeStep> steps;
  for (const std::size_t axis : {std::size_t{1}, std::size_t{2}}) {
    if (x.shape[axis] <= 0 || x.shape[axis] > INT32_MAX || shape[axis] > INT32_MAX) {
      return fail(ErrorCode::malformed, op.type + ": " + shape_text(x.shape) + " cannot be resized.");
    }
    NC_TRY(AxisTable table,
           make_tflite_table(nearest ? Sampling::nearest : Sampling::linear, op.int_or("align_corners", 0) != 0,
                             op.int_or("half_pixel_centers", 0) != 0, static_cast<std::size_t>(x.shape[axis]),
                             static_cast<std::size_t>(shape[axis])));
    steps.push_back({axis, std::move(table)});
  }
  if (nearest) return pick(ctx, steps, x.shape, width, x.data, y->writable<uint8_t>());
  return resample(ctx, steps, x.shape, x.as<float>(), y->writable<float>());
}

}  // namespace narrowcast::ops
