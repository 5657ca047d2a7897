// Biases to wide integers: zero point 0, scale = input scale * weight scale, by which an integer kernel accumulates.
//
//   ort, torch              q = clamp(rne(double(x) / double(float(scale))), the type's whole range)      onnx.md 1.2
//   tflite, tflite_dynamic  q = clamp(round(double(x) / scale)), ties away from zero, to +-(2^31 - 1) tflite.md 1.1
//                           (int64, for 16x8 kernels: to +-2^62)
// NaN gives 0. Scalar on purpose: biases are small.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/formula.h"

namespace narrowcast::kernels {

// float32(x_scale * w_scale * beta), each product in float32: the bias scale of ort (onnx.md 1.2; beta of Gemm).
float bias_scale_ort(float x_scale, float w_scale, float beta = 1.0f);

// x: n float32, any alignment; scale: n, or 1 for all when `scales` is 1, finite, > 0. Returns how many were clamped.
std::size_t quantize_bias_f32_i32(const void* x, std::size_t n, const double* scale, std::size_t scales,
                                  Formula formula, int32_t* q);
std::size_t quantize_bias_f32_i64(const void* x, std::size_t n, const double* scale, std::size_t scales,
                                  Formula formula, int64_t* q);

}  // namespace narrowcast::kernels
