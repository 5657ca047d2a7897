#include "calib/extremes.h"

#include <algorithm>

#include "kernels/elements.h"
#include "kernels/min_max/min_max.h"

namespace narrowcast::calib {
namespace {

constexpr std::size_t kStretch = 1024;  // elements that are looked at one by one where there is an infinity

void take(Extremes& found, float value) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  if (value == kInf) {
    ++found.pos_inf;
  } else if (value == -kInf) {
    ++found.neg_inf;
  } else if (value - value == 0) {
    ++found.finite;
    found.min = std::min(found.min, value);
    found.max = std::max(found.max, value);
  } else {
    ++found.nan;
  }
}

Extremes find_slowly(const void* x, std::size_t n) {
  Extremes found;
  for (std::size_t i = 0; i < n; ++i) take(found, kernels::load_f32(x, i));
  found.min += 0.0F;
  found.max += 0.0F;
  return found;
}

Extremes without_infinities(const kernels::MinMax& found, std::size_t n) {
  return {found.min, found.max, n - found.nan_count, found.nan_count, 0, 0};
}

}  // namespace

Extremes join(const Extremes& a, const Extremes& b) {
  return {std::min(a.min, b.min), std::max(a.max, b.max), a.finite + b.finite,
          a.nan + b.nan,          a.pos_inf + b.pos_inf,  a.neg_inf + b.neg_inf};
}

Extremes find_extremes(const void* x, std::size_t n) {
  const kernels::MinMax found = kernels::min_max_f32(x, n);
  if (found.inf_count == 0) return without_infinities(found, n);
  Extremes all;
  for (std::size_t at = 0; at < n; at += kStretch) {
    const void* from = kernels::element_f32(x, at);
    const std::size_t count = std::min(kStretch, n - at);
    const kernels::MinMax part = kernels::min_max_f32(from, count);
    all = join(all, part.inf_count == 0 ? without_infinities(part, count) : find_slowly(from, count));
  }
  return all;
}

}  // namespace narrowcast::calib
