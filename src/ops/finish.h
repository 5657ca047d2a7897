// What evals do with finished rows beyond what a kernel does itself.
#pragma once

#include "kernels/epilogue.h"
#include "ops/eval.h"

namespace narrowcast::ops {

// TFLite's fused_activation_function as a clamp.
// Errors: unsupported for TANH and SIGN_BIT, which no converter writes for the op.
Result<kernels::Clamp> fused_clamp(const RawOp& op);

// True when the op has no activation of its own, in either format's spelling.
bool has_no_activation(const RawOp& op);

// First the op's own clamp, then the epilogue: one clamp that does both (exact, since both are monotone).
kernels::Epilogue after_clamp(kernels::Clamp own, const kernels::Epilogue& epilogue);

// Applies an epilogue to finished rows, for results that no kernel with an epilogue made.
void finish_rows(const kernels::Epilogue& epilogue, float* rows, std::size_t row_count, std::size_t row_length);

// The epilogue of a part that starts at row `first` of the whole. Must outlive the kernel's call.
class ShiftedEpilogue {
 public:
  ShiftedEpilogue(const kernels::Epilogue& whole, std::size_t first) : whole_(whole), first_(first) {}
  [[nodiscard]] kernels::Epilogue part() {
    return {whole_.clamp, whole_.finish == nullptr ? nullptr : &ShiftedEpilogue::finish, this};
  }

 private:
  static void finish(void* self, float* rows, std::size_t first_row, std::size_t row_count) {
    const auto* shifted = static_cast<const ShiftedEpilogue*>(self);
    shifted->whole_.finish(shifted->whole_.context, rows, shifted->first_ + first_row, row_count);
  }

  const kernels::Epilogue& whole_;
  std::size_t first_;
};

}  // namespace narrowcast::ops
