// Shapes [N, C, spatial...] of any number of spatial axes, for the convolutions in plain loops.
#pragma once

#include "ops/sizes.h"
#include "ops/window.h"

namespace narrowcast::ops {

inline std::size_t spatial_count(const Shape& shape) {
  std::size_t count = 1;
  for (std::size_t i = 2; i < shape.size(); ++i) count *= at(shape, i);
  return count;
}

// Counts through the spatial axes of a shape, the last one fastest.
inline void advance(std::vector<std::size_t>& index, const Shape& shape) {
  for (std::size_t axis = index.size(); axis-- > 0;) {
    if (++index[axis] < at(shape, axis + 2)) return;
    index[axis] = 0;
  }
}

// Where a window that starts at `origin` has its element `kernel`, within a channel of `shape`; nothing when that is
// padding or cut off.
inline std::optional<std::size_t> window_offset(const Shape& shape, const Window& window,
                                                const std::vector<std::size_t>& origin,
                                                const std::vector<std::size_t>& kernel) {
  std::size_t offset = 0;
  for (std::size_t i = 0; i < origin.size(); ++i) {
    const int64_t place = static_cast<int64_t>(origin[i]) * window.strides[i] +
                          static_cast<int64_t>(kernel[i]) * window.dilations[i] - window.pads_begin[i];
    if (place < 0 || place >= shape[i + 2]) return std::nullopt;
    offset = offset * at(shape, i + 2) + static_cast<std::size_t>(place);
  }
  return offset;
}

}  // namespace narrowcast::ops
