// The product at the heart of convolutions with windows: rows of the left side are found through pointers, so nothing
// is copied. For use by kernels only.
#pragma once

#include <cstddef>

#include "kernels/epilogue.h"

namespace narrowcast::kernels {

// `pixels` outputs against one panel of packed weights [taps][channels][4 or 8].
struct IndirectPanel {
  const float* const* pointers;  // [pixels / 4, rounded up][taps][4]: where each tap's channels start
  std::size_t pixels;
  std::size_t taps;
  std::size_t channels;
  std::size_t offset;  // added to each pointer: the group's first channel
  const float* weights;
  const float* bias;  // eight floats
  float* y;           // the panel's first channel of the first pixel
  std::size_t y_stride;
  std::size_t columns;  // 1..8
  Clamp clamp;
};
void indirect_panel(const IndirectPanel& panel);

// All panels of one group: bias: `columns` floats or null; y: the group's first channel. panel's weights, bias, y and
// columns are set here.
void indirect_group(IndirectPanel panel, const float* packed, const float* bias, float* y, std::size_t columns);

}  // namespace narrowcast::kernels
