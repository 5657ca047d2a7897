// The functions inside recurrent cells.
#pragma once

#include "kernels/lanes/unary.h"
#include "ops/op.h"

namespace narrowcast::ops {

// One function, or several in a row, of each element.
struct CellActivation {
  struct Step {
    kernels::UnaryKind kind;
    kernels::LaneParams params;
  };
  std::vector<Step> steps;

  void apply(float* x, std::size_t n) const {
    for (const Step& step : steps) kernels::unary_f32(step.kind)(x, x, n, step.params);
  }
};

// ONNX: `per_direction` functions for each direction; names are compared without case, alphas and betas go to the
// functions that take one, in order. `defaults` where the op names none.
// Errors: malformed, for a wrong number; unsupported, for a function that is not known.
Result<std::vector<CellActivation>> read_activations(const RawOp& op, std::span<const std::string_view> defaults,
                                                     std::size_t directions);
// TFLite's fused_activation_function, tanh included. Errors: unsupported, for SIGN_BIT.
Result<CellActivation> read_tflite_activation(const RawOp& op);

}  // namespace narrowcast::ops
