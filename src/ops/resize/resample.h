// Runs the tables of a resize over a tensor.
#pragma once

#include "ops/resize/axis_table.h"

namespace narrowcast::ops {

// One axis to resize, in memory order.
struct ResizeStep {
  std::size_t axis = 0;
  AxisTable table;
};

// x of `sizes` -> y, axis after axis, the last one first; two axes before the innermost at once where the kernels do
// that. Float32. Errors: out_of_memory.
Status resample(EvalContext& ctx, const std::vector<ResizeStep>& steps, Shape sizes, const float* x, float* y);
// Copies the elements that the tables name, of any width in bytes. Errors: out_of_memory.
Status pick(EvalContext& ctx, const std::vector<ResizeStep>& steps, Shape sizes, unsigned width, const uint8_t* x,
            uint8_t* y);

}  // namespace narrowcast::ops
