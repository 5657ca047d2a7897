#include "ops/resize/axis_table.h"

#include <algorithm>

#include "base/math/round.h"

namespace narrowcast::ops {
namespace {

constexpr uint64_t kMostEntries = uint64_t{1} << 26;

float floor_of(float x) {
  const float nearest = math::round_half_even(x);
  return nearest > x ? nearest - 1 : nearest;
}
float ceil_of(float x) { return -floor_of(-x); }

int32_t clamp_index(float place, std::size_t n) {
  const auto last = static_cast<float>(n - 1);
  if (!(place > 0)) return 0;
  return place >= last ? static_cast<int32_t>(n - 1) : static_cast<int32_t>(place);
}

float round_place(float x, Rounding rounding, float scale) {
  const float below = floor_of(x);
  const float fraction = x - below;
  switch (rounding) {
    case Rounding::prefer_floor:
      return fraction > 0.5F ? below + 1 : below;
    case Rounding::prefer_ceil:
      return fraction >= 0.5F ? below + 1 : below;
    case Rounding::floor:
      return below;
    case Rounding::ceil:
      return ceil_of(x);
    case Rounding::floor_or_ceil:
      return scale < 1 ? ceil_of(x) : below;
  }
  return below;
}

float magnitude(float x) { return x < 0 ? -x : x; }

float linear_weight(float x) { return std::max(1 - magnitude(x), 0.0F); }

// Keys' kernel.
float cubic_weight(float distance, float a) {
  const float x = magnitude(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

// Taps reach `half` places to either side. Antialiasing stretches the filter where the axis shrinks.
std::size_t half_of(const ResizeRules& rules, float scale) {
  const float reach = rules.sampling == Sampling::linear ? 1.0F : 2.0F;
  if (!rules.antialias || !(scale < 1)) return static_cast<std::size_t>(reach);
  return static_cast<std::size_t>(std::min(ceil_of(reach / scale), 0x1p30F));
}

void set_taps(const ResizeRules& rules, const ResizedAxis& axis, std::size_t o, std::size_t half, AxisTable& table) {
  const float x = source_coordinate(rules, axis, o);
  const float below = floor_of(x);
  const float ratio = x - below;
  const float stretch = rules.antialias ? std::min(axis.scale, 1.0F) : 1.0F;
  float* weight = table.weight.data() + o * table.taps;
  int32_t* index = table.index.data() + o * table.taps;
  float sum = 0;
  for (std::size_t k = 0; k < table.taps; ++k) {
    const float step = static_cast<float>(k) + 1 - static_cast<float>(half);
    const float place = below + step;
    const float distance = (step - ratio) * stretch;
    index[k] = clamp_index(place, axis.n);
    weight[k] = rules.sampling == Sampling::linear ? linear_weight(distance) : cubic_weight(distance, rules.cubic_a);
    const bool outside = place < 0 || place > static_cast<float>(axis.n - 1);
    if (rules.exclude_outside && outside) weight[k] = 0;
    sum += weight[k];
  }
  if ((rules.exclude_outside || rules.antialias) && sum != 0) {
    for (std::size_t k = 0; k < table.taps; ++k) weight[k] /= sum;
  }
}

Result<AxisTable> sized_table(std::size_t out, std::size_t taps, bool weighs) {
  if (uint64_t{out} * taps > kMostEntries) {
    return fail(ErrorCode::unsupported, "Resizing to " + std::to_string(out) + " by " + std::to_string(taps) +
                                            " samples each does not run here.");
  }
  AxisTable table;
  table.taps = taps;
  table.index.resize(out * taps);
  if (weighs) table.weight.resize(out * taps);
  return table;
}

}  // namespace

float source_coordinate(const ResizeRules& rules, const ResizedAxis& axis, std::size_t o) {
  const auto x = static_cast<float>(o);
  const auto n = static_cast<float>(axis.n);
  const auto out = static_cast<float>(axis.out);
  switch (rules.coordinates) {
    case Coordinates::half_pixel:
      return (x + 0.5F) / axis.scale - 0.5F;
    case Coordinates::half_pixel_symmetric: {
      const float adjustment = out / (axis.scale * n);
      return n / 2 * (1 - adjustment) + (x + 0.5F) / axis.scale - 0.5F;
    }
    case Coordinates::pytorch_half_pixel:
      return axis.out > 1 ? (x + 0.5F) / axis.scale - 0.5F : 0.0F;
    case Coordinates::align_corners:
      return axis.out > 1 ? x * (n - 1) / (out - 1) : 0.0F;
    case Coordinates::asymmetric:
      return x / axis.scale;
    case Coordinates::tf_half_pixel_for_nn:
      return (x + 0.5F) / axis.scale;
    case Coordinates::tf_crop_and_resize:
      if (axis.out == 1) return 0.5F * (axis.roi_start + axis.roi_end) * (n - 1);
      return axis.roi_start * (n - 1) + x * (axis.roi_end - axis.roi_start) * (n - 1) / (out - 1);
  }
  return x;
}

Result<AxisTable> make_axis_table(const ResizeRules& rules, const ResizedAxis& axis) {
  const bool nearest = rules.sampling == Sampling::nearest;
  const std::size_t half = nearest ? 1 : half_of(rules, axis.scale);
  NC_TRY(AxisTable table, sized_table(axis.out, nearest ? 1 : 2 * half, !nearest));
  const bool crops = rules.coordinates == Coordinates::tf_crop_and_resize;
  if (crops) table.outside.resize(axis.out);
  for (std::size_t o = 0; o < axis.out; ++o) {
    const float x = source_coordinate(rules, axis, o);
    if (crops) table.outside[o] = x < 0 || x > static_cast<float>(axis.n - 1);
    if (nearest) {
      table.index[o] = clamp_index(round_place(x, rules.rounding, axis.scale), axis.n);
    } else {
      set_taps(rules, axis, o, half, table);
    }
  }
  return table;
}

Result<AxisTable> make_tflite_table(Sampling sampling, bool align_corners, bool half_pixel_centers, std::size_t n,
                                    std::size_t out) {
  const bool nearest = sampling == Sampling::nearest;
  const bool corners = align_corners && out > 1;
  const float scale = corners ? static_cast<float>(n - 1) / static_cast<float>(out - 1)
                              : static_cast<float>(n) / static_cast<float>(out);
  NC_TRY(AxisTable table, sized_table(out, nearest ? 1 : 2, !nearest));
  for (std::size_t o = 0; o < out; ++o) {
    const auto x = static_cast<float>(o);
    if (nearest) {
      const float place = (half_pixel_centers ? x + 0.5F : x) * scale;
      table.index[o] = clamp_index(align_corners ? floor_of(place + 0.5F) : floor_of(place), n);
      continue;
    }
    const float place = half_pixel_centers ? (x + 0.5F) * scale - 0.5F : x * scale;
    const int32_t lower = clamp_index(floor_of(place), n);
    table.index[2 * o] = lower;
    table.index[2 * o + 1] = clamp_index(ceil_of(place), n);
    const float weight = place - static_cast<float>(lower);
    table.weight[2 * o] = 1 - weight;
    table.weight[2 * o + 1] = weight;
  }
  return table;
}

}  // namespace narrowcast::ops
