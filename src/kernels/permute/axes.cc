#include "kernels/permute/axes.h"

namespace narrowcast::kernels {

bool merge_axes(std::span<const std::size_t> dims, std::span<const std::size_t> order, PermutedAxes& merged) {
  merged = {};
  std::size_t previous = dims.size();  // the axis of x that the last one of `merged` ends with
  for (std::size_t axis : order) {
    if (dims[axis] == 0) merged.empty = true;
    if (dims[axis] == 1) continue;
    std::size_t neighbour = previous + 1;  // the next axis of x that is not trivial
    while (neighbour < dims.size() && dims[neighbour] == 1) ++neighbour;
    if (merged.count > 0 && neighbour == axis) {
      merged.axis[merged.count - 1].length *= dims[axis];
    } else {
      if (merged.count == kMaxPermutedAxes) return false;
      merged.axis[merged.count++].length = dims[axis];
    }
    std::size_t step = 1;
    for (std::size_t inner = axis + 1; inner < dims.size(); ++inner) step *= dims[inner];
    merged.axis[merged.count - 1].x_step = step;
    previous = axis;
  }
  std::size_t step = 1;
  for (std::size_t i = merged.count; i-- > 0;) {
    merged.axis[i].y_step = step;
    step *= merged.axis[i].length;
  }
  return true;
}

}  // namespace narrowcast::kernels
