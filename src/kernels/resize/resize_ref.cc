#include "kernels/resize/resize.h"

namespace narrowcast::kernels {
namespace {

float tap(const float* x, std::size_t step, const ResizeAxis& axis, std::size_t at) {
  return axis.weight[at] * x[static_cast<std::size_t>(axis.index[at]) * step];
}

// Output o of an axis whose elements lie `step` apart.
float interpolate(const float* x, std::size_t step, const ResizeAxis& axis, std::size_t o) {
  float sum = tap(x, step, axis, o * axis.taps);
  for (std::size_t k = 1; k < axis.taps; ++k) sum += tap(x, step, axis, o * axis.taps + k);
  return sum;
}

}  // namespace

void resize_axis_f32__ref(const float* x, std::size_t outer, std::size_t inner, const ResizeAxis& axis, float* y) {
  for (std::size_t i = 0; i < outer * axis.out * inner; ++i) {
    const float* from = x + i / inner / axis.out * axis.n * inner + i % inner;
    y[i] = interpolate(from, inner, axis, i / inner % axis.out);
  }
}

void resize_bilinear_f32__ref(const float* x, const ResizeImage& p, float* y) {
  const std::size_t line = p.width.n * p.channels;
  for (std::size_t i = 0; i < p.batch * p.height.out * p.width.out * p.channels; ++i) {
    const std::size_t c = i % p.channels;
    const std::size_t ox = i / p.channels % p.width.out;
    const std::size_t oy = i / p.channels / p.width.out % p.height.out;
    const float* image = x + i / p.channels / p.width.out / p.height.out * p.height.n * line;
    float along_x[2];
    for (std::size_t k = 0; k < 2; ++k) {
      const float* row = image + static_cast<std::size_t>(p.height.index[2 * oy + k]) * line;
      along_x[k] = interpolate(row + c, p.channels, p.width, ox);
    }
    y[i] = p.height.weight[2 * oy] * along_x[0] + p.height.weight[2 * oy + 1] * along_x[1];
  }
}

void resize_nearest_f32__ref(const float* x, const ResizeImage& p, float* y) {
  for (std::size_t i = 0; i < p.batch * p.height.out * p.width.out * p.channels; ++i) {
    const std::size_t ox = i / p.channels % p.width.out;
    const std::size_t oy = i / p.channels / p.width.out % p.height.out;
    const std::size_t image = i / p.channels / p.width.out / p.height.out;
    const std::size_t row = image * p.height.n + static_cast<std::size_t>(p.height.index[oy]);
    y[i] = x[(row * p.width.n + static_cast<std::size_t>(p.width.index[ox])) * p.channels + i % p.channels];
  }
}

}  // namespace narrowcast::kernels
