// The named formulas of quantization, each with its own precision (design.md, "Formulas have names").
#pragma once

#include <cstdint>

namespace narrowcast::kernels {

enum class Formula : uint8_t {
  ort,     // onnxruntime: float32 range, float64 scale; codes by float32 division, half to even (onnx.md 1.2)
  tflite,  // TFLite converter: float64 throughout, half away from zero (tflite.md 1.1)
  torch,   // quantize_dynamic: scale = absmax / 127.5 (onnx.md 2); codes by the reciprocal, as measured on 2.15
};

// How a formula turns a real number into a code. float32_half_even: rne(x / float(scale)) + zero_point;
// float32_reciprocal_half_even: rne(x * (1 / float(scale))) + zero_point; float64_half_away: round(double(x) / scale +
// zero_point).
enum class Rounding : uint8_t { float32_half_even, float32_reciprocal_half_even, float64_half_away };

constexpr Rounding rounding_of(Formula formula) {
  switch (formula) {
    case Formula::tflite:
      return Rounding::float64_half_away;
    case Formula::torch:
      return Rounding::float32_reciprocal_half_even;
    case Formula::ort:
      break;
  }
  return Rounding::float32_half_even;
}

// Codes are clamped to this closed interval.
struct CodeRange {
  int32_t min = 0;
  int32_t max = 0;
};
inline constexpr CodeRange kI8{-128, 127};
inline constexpr CodeRange kI8Narrow{-127, 127};
inline constexpr CodeRange kI8Reduced{-64, 64};
inline constexpr CodeRange kU8{0, 255};
inline constexpr CodeRange kU8Reduced{0, 127};
inline constexpr CodeRange kI16{-32768, 32767};
inline constexpr CodeRange kI16Narrow{-32767, 32767};
inline constexpr CodeRange kU16{0, 65535};
inline constexpr CodeRange kI4{-8, 7};
inline constexpr CodeRange kU4{0, 15};

}  // namespace narrowcast::kernels
