// What integer products and convolutions share: codes without their zero points, and sums as codes.
#pragma once

#include "kernels/formula.h"
#include "ops/eval.h"

namespace narrowcast::ops {

// The codes of an operand (8 bits) minus its zero point, as int32, in scratch. The zero point, when present, has one
// element, or one an index of `axis`.
// Errors: malformed, when it does not fit; unsupported, for other codes; out_of_memory.
Result<Tensor> without_zero_point(EvalContext& ctx, std::size_t slot, std::size_t zero_point, std::size_t axis);

// One float32, or one an index of the axis of `count`. Errors: malformed.
Result<std::vector<float>> read_factors(const EvalContext& ctx, std::size_t slot, std::size_t count);

// The result's scale and zero point, with the range of its codes.
struct ResultCodes {
  float scale = 1;
  int32_t zero_point = 0;
  int32_t low = 0;
  int32_t high = 0;

  // saturate(round half to even of sum * factor, + zero point), in float32 as onnxruntime requantizes.
  [[nodiscard]] int32_t code(int32_t sum, float factor) const { return code(static_cast<float>(sum) * factor); }
  // Of a value in the result's own steps; NaN gives the zero point.
  [[nodiscard]] int32_t code(float steps) const;
};
Result<ResultCodes> read_result_codes(const EvalContext& ctx, std::size_t scale, std::size_t zero_point);

}  // namespace narrowcast::ops
