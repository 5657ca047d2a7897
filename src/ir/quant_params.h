// real = scale * (q - zero_point), per tensor, per channel or per block.
#pragma once

#include <cstdint>
#include <vector>

namespace narrowcast {

struct QuantParams {
  std::vector<float> scales;         // one (per_tensor) or one per index of `axis` (per_channel)
  std::vector<int64_t> zero_points;  // as many as scales, or empty: all 0
  int axis = 0;                      // meaningful when there is more than one scale

  [[nodiscard]] bool per_channel() const { return scales.size() > 1; }
  friend bool operator==(const QuantParams&, const QuantParams&) = default;
};

}  // namespace narrowcast
