#include "kernels/normalize/formulas.h"
#include "kernels/reduce/order.h"

namespace narrowcast::kernels {

using namespace normalize;
using order::reduce_columns__ref, order::reduce_row__ref, order::Sum;

void layer_norm_f32__ref(const float* x, const RowNorm& p, float* y) {
  for (std::size_t r = 0; r < p.rows; ++r, x += p.n, y += p.n) {
    const float count = static_cast<float>(p.n);
    const float mean = reduce_row__ref<Sum>(x, p.n, order::Itself{}) / count;
    const float inv = inverse_std(reduce_row__ref<Sum>(x, p.n, SquaredDistance{mean}), count, p.epsilon);
    if (p.mean != nullptr) p.mean[r] = mean;
    if (p.inv_std != nullptr) p.inv_std[r] = inv;
    for (std::size_t i = 0; i < p.n; ++i) {
      float value = (x[i] - mean) * inv;
      if (p.gamma != nullptr) value *= p.gamma[i];
      if (p.beta != nullptr) value += p.beta[i];
      y[i] = value;
    }
  }
}

void rms_norm_f32__ref(const float* x, const RowNorm& p, float* y) {
  for (std::size_t r = 0; r < p.rows; ++r, x += p.n, y += p.n) {
    const float inv = inverse_std(reduce_row__ref<Sum>(x, p.n, SquareOf{}), static_cast<float>(p.n), p.epsilon);
    if (p.inv_std != nullptr) p.inv_std[r] = inv;
    for (std::size_t i = 0; i < p.n; ++i) {
      float value = x[i] * inv;
      if (p.gamma != nullptr) value *= p.gamma[i];
      if (p.beta != nullptr) value += p.beta[i];
      y[i] = value;
    }
  }
}

void group_norm_nchw_f32__ref(const float* x, const GroupNorm& p, float* y) {
  const std::size_t width = p.channels / p.groups;
  const std::size_t n = width * p.pixels;
  for (std::size_t g = 0; g < p.batch * p.groups; ++g) {
    const float* row = x + g * n;
    const float count = static_cast<float>(n);
    const float mean = reduce_row__ref<Sum>(row, n, order::Itself{}) / count;
    const float inv = inverse_std(reduce_row__ref<Sum>(row, n, SquaredDistance{mean}), count, p.epsilon);
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t c = g % p.groups * width + i / p.pixels;
      y[g * n + i] = (row[i] - mean) * factor_of(p, c, inv) + beta_of(p, c);
    }
  }
}

void group_norm_nhwc_f32__ref(const float* x, const GroupNorm& p, float* y, float* scratch) {
  float* mean = scratch;
  float* inv = scratch + p.channels;
  const auto itself = [](lanes::F1 value, std::size_t) { return value; };
  for (std::size_t b = 0; b < p.batch; ++b, x += p.pixels * p.channels, y += p.pixels * p.channels) {
    reduce_columns__ref<Sum>(x, p.pixels, p.channels, p.channels, itself, mean);
    join_channels(p, mean, [](float sum, float count) { return sum / count; });
    reduce_columns__ref<Sum>(x, p.pixels, p.channels, p.channels, SquaredDistanceToColumn{mean}, inv);
    join_channels(p, inv, [&](float sum, float count) { return inverse_std(sum, count, p.epsilon); });
    for (std::size_t i = 0; i < p.pixels * p.channels; ++i) {
      const std::size_t c = i % p.channels;
      y[i] = (x[i] - mean[c]) * factor_of(p, c, inv[c]) + beta_of(p, c);
    }
  }
}

void scale_shift_f32__ref(const float* x, std::size_t rows, std::size_t channels, const float* scale,
                          const float* shift, float* y) {
  for (std::size_t i = 0; i < rows * channels; ++i) y[i] = x[i] * scale[i % channels] + shift[i % channels];
}

void lrn_f32__ref(const float* x, const Lrn& p, float* y, float*) {
  for (std::size_t i = 0; i < p.outer * p.channels * p.inner; ++i) {
    const std::size_t c = i / p.inner % p.channels;
    const std::size_t first = c < p.below ? 0 : c - p.below;
    const std::size_t last = c + p.above < p.channels ? c + p.above : p.channels - 1;
    float squares = 0;
    for (std::size_t k = first; k <= last; ++k) {
      const float value = x[i - c * p.inner + k * p.inner];
      squares += value * value;
    }
    y[i] = lrn_one(lanes::F1{x[i]}, lanes::F1{squares}, p).v;
  }
}

}  // namespace narrowcast::kernels
