// Softmax of float32 over one axis: x, y (outer, n, inner). Floats at any address that is a multiple of 4; y may be x.
//   softmax:     e_i = exp(x_i - max), y_i = e_i * (1 / sum e)
//   log_softmax: d_i = x_i - max, y_i = d_i - log(sum exp(d))
// exp and log: those of lanes/unary.h; max and sum in the order of reduce/order.h (rows when inner is 1, else columns).
// NaN anywhere, +inf anywhere or -inf everywhere along the axis makes all of it NaN, as in onnxruntime. Both variants
// agree bit for bit, NaN payloads apart.
#pragma once

#include <cstddef>

namespace narrowcast::kernels {

using SoftmaxF32 = void (*)(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y);

void softmax_f32__ref(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y);
void softmax_f32__simd(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y);
inline void softmax_f32(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y) {
  softmax_f32__simd(x, outer, n, inner, y);
}

void log_softmax_f32__ref(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y);
void log_softmax_f32__simd(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y);
inline void log_softmax_f32(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y) {
  log_softmax_f32__simd(x, outer, n, inner, y);
}

}  // namespace narrowcast::kernels
