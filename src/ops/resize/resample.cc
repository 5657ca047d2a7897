#include "ops/resize/resample.h"

#include <cstring>

#include "kernels/resize/resize.h"

namespace narrowcast::ops {
namespace {

std::size_t product(const Shape& sizes, std::size_t begin, std::size_t end) {
  std::size_t count = 1;
  for (std::size_t i = begin; i < end; ++i) count *= static_cast<std::size_t>(sizes[i]);
  return count;
}

std::size_t outputs_of(const AxisTable& table) { return table.index.size() / table.taps; }

kernels::ResizeAxis axis_of(const AxisTable& table, int64_t n) {
  return {static_cast<std::size_t>(n), outputs_of(table), table.taps, table.index.data(),
          table.weight.empty() ? nullptr : table.weight.data()};
}

// Height and width of [batch, height, width, channels], whatever leads to those.
bool is_image(const std::vector<ResizeStep>& steps, std::size_t taps) {
  return steps.size() == 2 && steps[0].axis + 1 == steps[1].axis && steps[0].table.taps == taps &&
         steps[1].table.taps == taps;
}

kernels::ResizeImage image_of(const std::vector<ResizeStep>& steps, const Shape& sizes) {
  const std::size_t h = steps[0].axis;
  return {product(sizes, 0, h), product(sizes, h + 2, sizes.size()), axis_of(steps[0].table, sizes[h]),
          axis_of(steps[1].table, sizes[h + 1])};
}

void pick_axis(const AxisTable& table, std::size_t outer, std::size_t n, std::size_t bytes, const uint8_t* x,
               uint8_t* y) {
  for (std::size_t o = 0; o < outer; ++o) {
    for (const int32_t index : table.index) {
      std::memcpy(y, x + (o * n + static_cast<std::size_t>(index)) * bytes, bytes);
      y += bytes;
    }
  }
}

// Runs one(step, x, y, outer, n, inner) for every step, through scratch between them.
template <typename One>
Status in_turn(EvalContext& ctx, const std::vector<ResizeStep>& steps, Shape& sizes, std::size_t width,
               const uint8_t* x, uint8_t* y, One one) {
  for (std::size_t i = steps.size(); i-- > 0;) {
    const ResizeStep& step = steps[i];
    const std::size_t outer = product(sizes, 0, step.axis);
    const auto n = static_cast<std::size_t>(sizes[step.axis]);
    const std::size_t inner = product(sizes, step.axis + 1, sizes.size());
    sizes[step.axis] = static_cast<int64_t>(outputs_of(step.table));
    uint8_t* to = y;
    if (i > 0) {
      NC_TRY(to, ctx.scratch(product(sizes, 0, sizes.size()) * width));
    }
    one(step.table, x, to, outer, n, inner);
    x = to;
  }
  return {};
}

}  // namespace

Status resample(EvalContext& ctx, const std::vector<ResizeStep>& steps, Shape sizes, const float* x, float* y) {
  if (is_image(steps, 2)) {
    kernels::resize_bilinear_f32(x, image_of(steps, sizes), y);
    return {};
  }
  return in_turn(ctx, steps, sizes, sizeof(float), reinterpret_cast<const uint8_t*>(x), reinterpret_cast<uint8_t*>(y),
                 [](const AxisTable& table, const uint8_t* from, uint8_t* to, std::size_t outer, std::size_t n,
                    std::size_t inner) {
                   kernels::resize_axis_f32(reinterpret_cast<const float*>(from), outer, inner,
                                            axis_of(table, static_cast<int64_t>(n)), reinterpret_cast<float*>(to));
                 });
}

Status pick(EvalContext& ctx, const std::vector<ResizeStep>& steps, Shape sizes, unsigned width, const uint8_t* x,
            uint8_t* y) {
  if (is_image(steps, 1) && width == sizeof(float)) {
    kernels::resize_nearest_f32(reinterpret_cast<const float*>(x), image_of(steps, sizes), reinterpret_cast<float*>(y));
    return {};
  }
  return in_turn(ctx, steps, sizes, width, x, y,
                 [width](const AxisTable& table, const uint8_t* from, uint8_t* to, std::size_t outer, std::size_t n,
                         std::size_t inner) { pick_axis(table, outer, n, inner * width, from, to); });
}

}  // namespace narrowcast::ops
