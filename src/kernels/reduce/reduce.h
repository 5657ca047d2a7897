// Reductions of float32 over one axis: x (outer, n, inner) -> y (outer, inner). Floats at any address that is a
// multiple of 4; y does not overlap x. Both variants join in the order of reduce/order.h (rows when inner is 1, else
// columns), so they agree bit for bit, NaN payloads apart; that order also keeps the error of 10^6 summands to some ten
// units.
#pragma once

#include <cstddef>
#include <cstdint>

namespace narrowcast::kernels {

enum class ReduceKind : uint8_t {
  sum,
  mean,        // the sum / n, n as a float; 0 when n is 0
  max,         // NaN if there is one; -inf when n is 0
  min,         // NaN if there is one; +inf when n is 0
  prod,        // 1 when n is 0
  sum_square,  // each x x rounded before it is added
  sum_abs,
};

using ReduceF32 = void (*)(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y);

ReduceF32 reduce_f32__ref(ReduceKind kind);
ReduceF32 reduce_f32__simd(ReduceKind kind);
inline ReduceF32 reduce_f32(ReduceKind kind) { return reduce_f32__simd(kind); }

}  // namespace narrowcast::kernels
