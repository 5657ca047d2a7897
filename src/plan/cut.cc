#include "plan/cut.h"

namespace narrowcast {

std::size_t count_elements(const Shape& shape, int begin, int end) {
  std::size_t size = 1;
  for (int i = begin; i < end; ++i) size *= static_cast<std::size_t>(shape[static_cast<std::size_t>(i)]);
  return size;
}

void cut_channels(const Shape& shape, const std::optional<ops::WeightAxes>& axes, bool per_channel,
                  WeightPlan& weight) {
  const auto rank = static_cast<int>(shape.size());
  const bool by_channel = per_channel && (axes || rank >= 2);
  weight.cut = by_channel ? Cut::per_channel : Cut::per_tensor;
  weight.axis = by_channel && axes ? axes->channel : 0;
  if (by_channel) {
    weight.channels.channels = static_cast<std::size_t>(shape[static_cast<std::size_t>(weight.axis)]);
    weight.channels.inner = count_elements(shape, weight.axis + 1, rank);
  } else {
    weight.channels = {1, count_elements(shape, 0, rank)};
  }
}

}  // namespace narrowcast
