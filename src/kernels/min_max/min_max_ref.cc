#include "kernels/elements.h"
#include "kernels/min_max/min_max.h"

namespace narrowcast::kernels {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

void observe(MinMax& seen, float value) {
  if (value != value) {
    ++seen.nan_count;
    return;
  }
  if (value == kInf || value == -kInf) ++seen.inf_count;
  if (value < seen.min) seen.min = value;
  if (value > seen.max) seen.max = value;
}

// -0 becomes +0: adding +0 changes nothing else.
void normalize(MinMax& seen) {
  seen.min += 0.0f;
  seen.max += 0.0f;
}

}  // namespace

MinMax min_max_f32__ref(const void* x, std::size_t n) {
  MinMax seen;
  for (std::size_t i = 0; i < n; ++i) observe(seen, load_f32(x, i));
  normalize(seen);
  return seen;
}

NonFinite min_max_f32_per_channel__ref(const void* x, std::size_t outer, ChannelLayout layout, float* mins,
                                       float* maxs) {
  NonFinite counts;
  for (std::size_t c = 0; c < layout.channels; ++c) {
    MinMax seen;
    for (std::size_t o = 0; o < outer; ++o) {
      const std::size_t row = (o * layout.channels + c) * layout.inner;
      for (std::size_t i = 0; i < layout.inner; ++i) observe(seen, load_f32(x, row + i));
    }
    normalize(seen);
    mins[c] = seen.min;
    maxs[c] = seen.max;
    counts.nan_count += seen.nan_count;
    counts.inf_count += seen.inf_count;
  }
  return counts;
}

NonFinite min_max_f32_columns__ref(const void* x, std::size_t rows, std::size_t width, std::size_t stride, float* mins,
                                   float* maxs) {
  NonFinite counts;
  for (std::size_t column = 0; column < width; ++column) {
    MinMax seen;
    for (std::size_t row = 0; row < rows; ++row) observe(seen, load_f32(x, row * stride + column));
    normalize(seen);
    mins[column] = seen.min;
    maxs[column] = seen.max;
    counts.nan_count += seen.nan_count;
    counts.inf_count += seen.inf_count;
  }
  return counts;
}

}  // namespace narrowcast::kernels
