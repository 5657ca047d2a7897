// A permutation with everything trivial removed.
#pragma once

#include <array>
#include <span>

#include "kernels/permute/permute.h"

namespace narrowcast::kernels {

// The axes of y, outermost first, with their steps in x and in y, in elements.
struct PermutedAxes {
  struct Axis {
    std::size_t length = 1;
    std::size_t x_step = 1;
    std::size_t y_step = 1;
  };
  std::size_t count = 0;
  std::array<Axis, kMaxPermutedAxes> axis;
  bool empty = false;  // some axis has length 0
};

// False when more than kMaxPermutedAxes are left.
bool merge_axes(std::span<const std::size_t> dims, std::span<const std::size_t> order, PermutedAxes& merged);

}  // namespace narrowcast::kernels
