// Scales and zero points of codes: one for all, one an index of an axis, or one a block along an axis.
#pragma once

#include "kernels/formula.h"
#include "ops/eval.h"

namespace narrowcast::ops {

// A tensor seen as [outer, k, inner] around the axis of its scales.
struct CodeScales {
  std::vector<float> scales;
  std::vector<int32_t> zero_points;  // as many
  std::size_t outer = 1;
  std::size_t k = 1;
  std::size_t inner = 1;
  std::size_t block = 0;  // 0: not in blocks

  // Which scale element (o, j, i) takes.
  [[nodiscard]] std::size_t of(std::size_t o, std::size_t j, std::size_t i) const {
    if (block == 0) return scales.size() == 1 ? 0 : j;
    return (o * ((k + block - 1) / block) + j / block) * inner + i;
  }
  // Whether the kernels take them: no blocks, every scale above 0 and finite.
  [[nodiscard]] bool are_regular() const;
};

// ONNX: operands `scale` and `zero_point` for a tensor of this shape. Zero points of float8 codes are left out.
// Errors: malformed, when they do not fit it.
Result<CodeScales> read_scales(const EvalContext& ctx, const Shape& shape, std::size_t scale, std::size_t zero_point);
// TFLite: a tensor's own.
Result<CodeScales> read_scales(const EvalContext& ctx, const Shape& shape, const QuantParams* quant);

// Of numbers that are quantized to uint8 as they come: DynamicQuantizeLinear's, in float32. scale = (max - min) / 255
// of a range that includes 0, 1 where that is empty; zero point = rne(clamp(-min / scale, 0, 255)).
CodeScales dynamic_scales(const float* x, std::size_t n);

// Codes of an integer type, 4-bit ones too; nothing for other types.
std::optional<kernels::CodeRange> code_range(DType dtype);

// The codes, one a byte or one in two bytes: 4-bit ones are unpacked into scratch.
Result<const uint8_t*> unpacked_codes(EvalContext& ctx, const Tensor& codes);

// x = (code - zero point) * scale, in float32, of codes of any type.
Status dequantize_codes(EvalContext& ctx, const Tensor& codes, const CodeScales& scales, float* x);

}  // namespace narrowcast::ops
