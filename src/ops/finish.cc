#include "ops/finish.h"

#include <algorithm>

namespace narrowcast::ops {
namespace {

// ActivationFunctionType of TFLite's schema.
enum class Activation : int64_t { none = 0, relu = 1, relu_n1_to_1 = 2, relu6 = 3 };

}  // namespace

Result<kernels::Clamp> fused_clamp(const RawOp& op) {
  const int64_t activation = op.int_or("fused_activation_function", 0);
  switch (static_cast<Activation>(activation)) {
    case Activation::none:
      return kernels::Clamp{};
    case Activation::relu:
      return kernels::Clamp{.lo = 0};
    case Activation::relu_n1_to_1:
      return kernels::Clamp{.lo = -1, .hi = 1};
    case Activation::relu6:
      return kernels::Clamp{.lo = 0, .hi = 6};
  }
  return fail(ErrorCode::unsupported,
              op.type + ": fused activation " + std::to_string(activation) + " does not run here.");
}

bool has_no_activation(const RawOp& op) {
  return op.int_or("fused_activation_function", 0) == 0 && op.string_or("activation", "").empty();
}

kernels::Epilogue after_clamp(kernels::Clamp own, const kernels::Epilogue& epilogue) {
  kernels::Epilogue both = epilogue;
  both.clamp = {kernels::clamp_one(own.lo, epilogue.clamp), kernels::clamp_one(own.hi, epilogue.clamp)};
  return both;
}

void finish_rows(const kernels::Epilogue& epilogue, float* rows, std::size_t row_count, std::size_t row_length) {
  const std::size_t block = kernels::finish_rows(row_length, 1);
  for (std::size_t row = 0; row < row_count; row += block) {
    const std::size_t count = std::min(block, row_count - row);
    float* from = rows + row * row_length;
    for (std::size_t i = 0; i < count * row_length; ++i) from[i] = kernels::clamp_one(from[i], epilogue.clamp);
    if (epilogue.finish != nullptr) epilogue.finish(epilogue.context, from, row, count);
  }
}

}  // namespace narrowcast::ops
