// The steps that both variants of the normalizations share.
#pragma once

#include "kernels/lanes/binary.h"
#include "kernels/lanes/lane.h"
#include "kernels/normalize/normalize.h"

namespace narrowcast::kernels::normalize {

inline float inverse_std(float sum, float count, float epsilon) { return 1.0f / math::sqrt(sum / count + epsilon); }

// Squares of the distances to a mean, to be summed.
struct SquaredDistance {
  float mean;
  template <lanes::FloatLane F>
  NC_LANE_INLINE F operator()(F x) const {
    const F distance = x - mean;
    return distance * distance;
  }
};
struct SquaredDistanceToColumn {
  const float* mean;
  template <lanes::FloatLane F>
  NC_LANE_INLINE F operator()(F x, std::size_t column) const {
    const F distance = x - lanes::load<F>(mean + column);
    return distance * distance;
  }
};
struct SquareOf {
  template <lanes::FloatLane F>
  NC_LANE_INLINE F operator()(F x) const {
    return x * x;
  }
};

// Sums per channel to one per group, written to all of its channels by `finish`.
template <class Finish>
void join_channels(const GroupNorm& p, float* sums, const Finish& finish) {
  const std::size_t width = p.channels / p.groups;
  const float count = static_cast<float>(p.pixels * width);
  for (std::size_t first = 0; first < p.channels; first += width) {
    float sum = 0;
    for (std::size_t c = first; c < first + width; ++c) sum += sums[c];
    for (std::size_t c = first; c < first + width; ++c) sums[c] = finish(sum, count);
  }
}

inline float factor_of(const GroupNorm& p, std::size_t c, float inv_std) {
  return p.gamma != nullptr ? inv_std * p.gamma[c] : inv_std;
}
inline float beta_of(const GroupNorm& p, std::size_t c) { return p.beta != nullptr ? p.beta[c] : 0.0f; }

NC_LANE_INLINE lanes::F1 power(lanes::F1 t, float beta) { return {pow_f32(t.v, beta)}; }
NC_LANE_INLINE lanes::F4 power(lanes::F4 t, float beta) {
  float lane[4];
  lanes::store(lane, t);
  for (float& each : lane) each = pow_f32(each, beta);
  return lanes::load<lanes::F4>(lane);
}

template <lanes::FloatLane F>
NC_LANE_INLINE F lrn_one(F x, F squares, const Lrn& p) {
  const F t = squares * p.alpha + p.bias;
  if (p.beta == 1.0f) return x / t;
  if (p.beta == 0.5f) return x / lanes::sqrt(t);
  if (p.beta == 0.75f) return x / (lanes::sqrt(t) * lanes::sqrt(lanes::sqrt(t)));
  return x / power(t, p.beta);
}

}  // namespace narrowcast::kernels::normalize
