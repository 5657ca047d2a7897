// x times a clamped line of itself, then divided, scaled and shifted: hard swish as models spell it out, in one pass.
//   y = x * min(max(x * slope + add, low), high) / divisor * scale + shift, each operation rounded.
// What is left out is 1, or -0 where it is added, and then changes no bit. x and y: n contiguous floats at any address
// that is a multiple of 4; y may be x, otherwise they must not overlap. Both variants agree bit for bit, NaN payloads
// apart.
#pragma once

#include <cstddef>

namespace narrowcast::kernels {

struct Gate {
  float slope = 1;
  float add = -0.0F;
  float low = 0;
  float high = 0;
  float divisor = 1;
  float scale = 1;
  float shift = -0.0F;
};

void gate_f32__ref(const float* x, float* y, std::size_t n, const Gate& gate);
void gate_f32__simd(const float* x, float* y, std::size_t n, const Gate& gate);
inline void gate_f32(const float* x, float* y, std::size_t n, const Gate& gate) { gate_f32__simd(x, y, n, gate); }

}  // namespace narrowcast::kernels
