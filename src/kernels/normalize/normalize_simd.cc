#include "kernels/lanes/walk.h"
#include "kernels/normalize/formulas.h"
#include "kernels/reduce/order.h"

namespace narrowcast::kernels {
namespace {

using namespace normalize;
using lanes::F1, lanes::F4;
using order::Sum;

float sum_row(const float* x, std::size_t n) { return order::reduce_row__simd<Sum>(x, n, order::Itself{}); }
float sum_of_squared_distances(const float* x, std::size_t n, float mean) {
  return order::reduce_row__simd<Sum>(x, n, SquaredDistance{mean});
}

// y = (x - mean) * inv, then gamma and beta where there are any.
template <bool has_gamma, bool has_beta>
void finish_row(const float* x, float mean, float inv, const RowNorm& p, float* y) {
  lanes::walk(p.n, [&]<class F>(auto at, F) {
    F value = (at.template get<F>(x) - mean) * inv;
    if constexpr (has_gamma) value = value * at.template get<F>(p.gamma);
    if constexpr (has_beta) value = value + at.template get<F>(p.beta);
    at.put(y, value);
  });
}

// x - 0 is x, so the root mean square's rows are finished like the others.
void finish(const float* x, float mean, float inv, const RowNorm& p, float* y) {
  if (p.gamma != nullptr && p.beta != nullptr) return finish_row<true, true>(x, mean, inv, p, y);
  if (p.gamma != nullptr) return finish_row<true, false>(x, mean, inv, p, y);
  if (p.beta != nullptr) return finish_row<false, true>(x, mean, inv, p, y);
  finish_row<false, false>(x, mean, inv, p, y);
}

// y = (x - mean[c]) * factor[c] + beta[c] over rows of channels.
void finish_pixels(const float* x, const GroupNorm& p, const float* mean, const float* factor, const float* beta,
                   float* y) {
  for (std::size_t pixel = 0; pixel < p.pixels; ++pixel, x += p.channels, y += p.channels) {
    lanes::walk(p.channels, [&]<class F>(auto at, F) {
      at.put(y, (at.template get<F>(x) - at.template get<F>(mean)) * at.template get<F>(factor) +
                    at.template get<F>(beta));
    });
  }
}

// One row of channels: its squares lie in scratch with zeros before and after, so that every window is whole.
void lrn_row(const float* x, const Lrn& p, float* y, float* scratch) {
  lanes::walk(p.channels, [&]<class F>(auto at, F) {
    const F value = at.template get<F>(x);
    at.put(scratch + p.below, value * value);
  });
  lanes::walk(p.channels, [&]<class F>(auto at, F) {
    F squares = lanes::splat<F>(0.0f);
    for (std::size_t k = 0; k <= p.below + p.above; ++k) squares = squares + at.template get<F>(scratch + k);
    at.put(y, lrn_one(at.template get<F>(x), squares, p));
  });
}

// One plane of channel c, whose neighbours are `inner` away.
void lrn_plane(const float* x, std::size_t c, const Lrn& p, float* y) {
  const std::size_t first = c < p.below ? 0 : c - p.below;
  const std::size_t last = c + p.above < p.channels ? c + p.above : p.channels - 1;
  lanes::walk(p.inner, [&]<class F>(auto at, F) {
    F squares = lanes::splat<F>(0.0f);
    for (std::size_t k = first; k <= last; ++k) {
      const F value = at.template get<F>(x + k * p.inner);
      squares = squares + value * value;
    }
    at.put(y + c * p.inner, lrn_one(at.template get<F>(x + c * p.inner), squares, p));
  });
}

}  // namespace

void layer_norm_f32__simd(const float* x, const RowNorm& p, float* y) {
  const float count = static_cast<float>(p.n);
  for (std::size_t r = 0; r < p.rows; ++r, x += p.n, y += p.n) {
    const float mean = sum_row(x, p.n) / count;
    const float inv = inverse_std(sum_of_squared_distances(x, p.n, mean), count, p.epsilon);
    if (p.mean != nullptr) p.mean[r] = mean;
    if (p.inv_std != nullptr) p.inv_std[r] = inv;
    finish(x, mean, inv, p, y);
  }
}

void rms_norm_f32__simd(const float* x, const RowNorm& p, float* y) {
  for (std::size_t r = 0; r < p.rows; ++r, x += p.n, y += p.n) {
    const float sum = order::reduce_row__simd<Sum>(x, p.n, SquareOf{});
    const float inv = inverse_std(sum, static_cast<float>(p.n), p.epsilon);
    if (p.inv_std != nullptr) p.inv_std[r] = inv;
    finish(x, 0.0f, inv, p, y);
  }
}

void group_norm_nchw_f32__simd(const float* x, const GroupNorm& p, float* y) {
  const std::size_t width = p.channels / p.groups;
  const std::size_t n = width * p.pixels;
  for (std::size_t g = 0; g < p.batch * p.groups; ++g) {
    const float mean = sum_row(x + g * n, n) / static_cast<float>(n);
    const float inv = inverse_std(sum_of_squared_distances(x + g * n, n, mean), static_cast<float>(n), p.epsilon);
    for (std::size_t k = 0; k < width; ++k) {
      const std::size_t c = g % p.groups * width + k;
      const float factor = factor_of(p, c, inv);
      const float beta = beta_of(p, c);
      const std::size_t plane = g * n + k * p.pixels;
      lanes::walk(p.pixels, [&]<class F>(auto at, F) {
        at.put(y + plane, (at.template get<F>(x + plane) - mean) * factor + beta);
      });
    }
  }
}

void group_norm_nhwc_f32__simd(const float* x, const GroupNorm& p, float* y, float* scratch) {
  float* mean = scratch;
  float* factor = scratch + p.channels;
  float* beta = scratch + 2 * p.channels;
  for (std::size_t c = 0; c < p.channels; ++c) beta[c] = beta_of(p, c);
  const auto itself = []<class F>(F value, std::size_t) { return value; };
  for (std::size_t b = 0; b < p.batch; ++b, x += p.pixels * p.channels, y += p.pixels * p.channels) {
    order::reduce_columns__simd<Sum>(x, p.pixels, p.channels, p.channels, itself, mean);
    join_channels(p, mean, [](float sum, float count) { return sum / count; });
    order::reduce_columns__simd<Sum>(x, p.pixels, p.channels, p.channels, SquaredDistanceToColumn{mean}, factor);
    join_channels(p, factor, [&](float sum, float count) { return inverse_std(sum, count, p.epsilon); });
    for (std::size_t c = 0; c < p.channels; ++c) factor[c] = factor_of(p, c, factor[c]);
    finish_pixels(x, p, mean, factor, beta, y);
  }
}

void scale_shift_f32__simd(const float* x, std::size_t rows, std::size_t channels, const float* scale,
                           const float* shift, float* y) {
  for (std::size_t r = 0; r < rows; ++r, x += channels, y += channels) {
    lanes::walk(channels, [&]<class F>(auto at, F) {
      at.put(y, at.template get<F>(x) * at.template get<F>(scale) + at.template get<F>(shift));
    });
  }
}

void lrn_f32__simd(const float* x, const Lrn& p, float* y, float* scratch) {
  if (p.inner == 1) {
    std::fill_n(scratch, p.channels + p.below + p.above, 0.0f);
    for (std::size_t o = 0; o < p.outer; ++o) lrn_row(x + o * p.channels, p, y + o * p.channels, scratch);
    return;
  }
  const std::size_t image = p.channels * p.inner;
  for (std::size_t o = 0; o < p.outer; ++o) {
    for (std::size_t c = 0; c < p.channels; ++c) lrn_plane(x + o * image, c, p, y + o * image);
  }
}

}  // namespace narrowcast::kernels
