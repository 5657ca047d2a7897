// Scale and zero point of a range: real = scale * (q - zero_point).
#pragma once

#include <cstdint>

#include "kernels/formula.h"

namespace narrowcast::kernels {

// `scale` is what the quantizing kernels take; a file stores float(scale). Under ort and torch it is already a
// float32 value; under tflite it keeps the float64 with which the converter computes codes.
struct ScaleZeroPoint {
  double scale = 1.0;  // finite, > 0
  int32_t zero_point = 0;
};

// What the range describes; only the tflite formula tells them apart.
enum class RangeOf : uint8_t { activation, weight };

// rmin <= rmax, finite (a range of nothing, +inf..-inf, counts as 0..0). `codes` is the interval the range is spread
// over: symmetric callers pass kI8Narrow for int8, reduced ones kI8Reduced, and so on (tables in onnx.md 1.2).
//
// ort (onnx.md 1.2): both ends widened to include 0; symmetric: to +-a, a = max(|rmin|, |rmax|). Then
//   scale = float64(float32(rmax - rmin)) / (codes.max - codes.min), narrowed to float32 last;
//   scale < 2^-126: {1, 0}; zero_point = rne(symmetric ? (codes.min + codes.max) / 2 : codes.min - rmin / scale).
// torch (onnx.md 2), always symmetric: scale = max(float32(a / 127.5), float32 epsilon) for 8 bits, in general
//   a / ((codes.max - codes.min) / 2); zero_point 0 for signed codes, the middle + 1/2 for unsigned ones.
// tflite activation (tflite.md 1.1): float64; 0 included; symmetric as above; a range narrower than 1e-6 is widened by
//   1e-6 at both ends; scale = (rmax - rmin) / (codes.max - codes.min); zero_point from the end with the smaller
//   |q| + |r / scale|, clamped, rounded half away from zero. Symmetric: zero_point 0.
// tflite weight: the same, but a range up to 1e-6 becomes at least -5e-7..5e-7 (int8: scale 3.937008e-9).
ScaleZeroPoint compute_scale_zero_point(float rmin, float rmax, CodeRange codes, bool symmetric,
                                        Formula formula = Formula::ort, RangeOf what = RangeOf::activation);

// ort's min_real_range option: the range is widened upwards to at least this width before anything else happens.
ScaleZeroPoint compute_scale_zero_point_ort(float rmin, float rmax, CodeRange codes, bool symmetric,
                                            float min_real_range);

}  // namespace narrowcast::kernels
