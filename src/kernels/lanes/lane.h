// One element or four: F1 (a float) and F4 (a vector of four) have the same operations with the same results per lane,
// so that a formula written once as a template is both the scalar specification and the fast kernel. I1 and I4 are
// their int32 companions; a mask is one of those with all bits or none.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/math/round.h"
#include "base/math/sqrt.h"
#include "kernels/simd.h"

namespace narrowcast::kernels::lanes {

#define NC_LANE_INLINE [[gnu::always_inline]] inline

struct I1 {
  int32_t v;
};
struct F1 {
  using Int = I1;
  static constexpr std::size_t kWidth = 1;
  float v;
};
struct I4 {
  simd::V v;
};
struct F4 {
  using Int = I4;
  static constexpr std::size_t kWidth = 4;
  simd::V v;
};

template <class F>
F splat(float value);
template <>
NC_LANE_INLINE F1 splat<F1>(float value) {
  return {value};
}
template <>
NC_LANE_INLINE F4 splat<F4>(float value) {
  return {simd::f32x4_splat(value)};
}
template <class I>
I splat_int(int32_t value);
template <>
NC_LANE_INLINE I1 splat_int<I1>(int32_t value) {
  return {value};
}
template <>
NC_LANE_INLINE I4 splat_int<I4>(int32_t value) {
  return {simd::i32x4_splat(value)};
}

template <class F>
F load(const float* from);
template <>
NC_LANE_INLINE F1 load<F1>(const float* from) {
  return {*from};
}
template <>
NC_LANE_INLINE F4 load<F4>(const float* from) {
  return {simd::load(from)};
}
NC_LANE_INLINE void store(float* to, F1 a) { *to = a.v; }
NC_LANE_INLINE void store(float* to, F4 a) { simd::store(to, a.v); }

NC_LANE_INLINE F1 operator+(F1 a, F1 b) { return {a.v + b.v}; }
NC_LANE_INLINE F4 operator+(F4 a, F4 b) { return {simd::f32x4_add(a.v, b.v)}; }
NC_LANE_INLINE F1 operator-(F1 a, F1 b) { return {a.v - b.v}; }
NC_LANE_INLINE F4 operator-(F4 a, F4 b) { return {simd::f32x4_sub(a.v, b.v)}; }
NC_LANE_INLINE F1 operator*(F1 a, F1 b) { return {a.v * b.v}; }
NC_LANE_INLINE F4 operator*(F4 a, F4 b) { return {simd::f32x4_mul(a.v, b.v)}; }
NC_LANE_INLINE F1 operator/(F1 a, F1 b) { return {a.v / b.v}; }
NC_LANE_INLINE F4 operator/(F4 a, F4 b) { return {simd::f32x4_div(a.v, b.v)}; }

// A literal beside a lane: x * 0.5f.
template <class F>
concept FloatLane = requires { typename F::Int; };
template <FloatLane F>
NC_LANE_INLINE F operator+(F a, float b) {
  return a + splat<F>(b);
}
template <FloatLane F>
NC_LANE_INLINE F operator-(F a, float b) {
  return a - splat<F>(b);
}
template <FloatLane F>
NC_LANE_INLINE F operator*(F a, float b) {
  return a * splat<F>(b);
}
template <FloatLane F>
NC_LANE_INLINE F operator/(float a, F b) {
  return splat<F>(a) / b;
}

NC_LANE_INLINE I1 operator+(I1 a, I1 b) { return {static_cast<int32_t>(static_cast<uint32_t>(a.v) + b.v)}; }
NC_LANE_INLINE I4 operator+(I4 a, I4 b) { return {simd::i32x4_add(a.v, b.v)}; }
NC_LANE_INLINE I1 operator-(I1 a, I1 b) { return {static_cast<int32_t>(static_cast<uint32_t>(a.v) - b.v)}; }
NC_LANE_INLINE I4 operator-(I4 a, I4 b) { return {simd::i32x4_sub(a.v, b.v)}; }
NC_LANE_INLINE I1 operator&(I1 a, I1 b) { return {a.v & b.v}; }
NC_LANE_INLINE I4 operator&(I4 a, I4 b) { return {simd::v_and(a.v, b.v)}; }
NC_LANE_INLINE I1 operator|(I1 a, I1 b) { return {a.v | b.v}; }
NC_LANE_INLINE I4 operator|(I4 a, I4 b) { return {simd::v_or(a.v, b.v)}; }
template <int count>
NC_LANE_INLINE I1 shift_left(I1 a) {
  return {static_cast<int32_t>(static_cast<uint32_t>(a.v) << count)};
}
template <int count>
NC_LANE_INLINE I4 shift_left(I4 a) {
  return {simd::i32x4_shl(a.v, count)};
}
template <int count>
NC_LANE_INLINE I1 shift_right(I1 a) {  // the sign spreads
  return {a.v >> count};
}
template <int count>
NC_LANE_INLINE I4 shift_right(I4 a) {
  return {simd::i32x4_shr(a.v, count)};
}

NC_LANE_INLINE I1 bits(F1 a) { return {std::bit_cast<int32_t>(a.v)}; }
NC_LANE_INLINE I4 bits(F4 a) { return {a.v}; }
NC_LANE_INLINE F1 from_bits(I1 a) { return {std::bit_cast<float>(a.v)}; }
NC_LANE_INLINE F4 from_bits(I4 a) { return {a.v}; }
NC_LANE_INLINE F1 to_float(I1 a) { return {static_cast<float>(a.v)}; }
NC_LANE_INLINE F4 to_float(I4 a) { return {simd::f32x4_convert_i32x4(a.v)}; }

NC_LANE_INLINE F1 abs(F1 a) { return {std::bit_cast<float>(std::bit_cast<uint32_t>(a.v) & 0x7FFFFFFFu)}; }
NC_LANE_INLINE F4 abs(F4 a) { return {simd::f32x4_abs(a.v)}; }
NC_LANE_INLINE F1 negate(F1 a) { return {std::bit_cast<float>(std::bit_cast<uint32_t>(a.v) ^ 0x80000000u)}; }
NC_LANE_INLINE F4 negate(F4 a) { return {simd::f32x4_neg(a.v)}; }
NC_LANE_INLINE F1 sqrt(F1 a) { return {math::sqrt(a.v)}; }
NC_LANE_INLINE F4 sqrt(F4 a) { return {simd::f32x4_sqrt(a.v)}; }
NC_LANE_INLINE F1 nearest(F1 a) { return {math::round_half_even(a.v)}; }
NC_LANE_INLINE F4 nearest(F4 a) { return {simd::f32x4_nearest(a.v)}; }

// The sign of `of` on the magnitude of a.
template <FloatLane F>
NC_LANE_INLINE F with_sign(F a, F of) {
  using I = typename F::Int;
  return from_bits((bits(a) & splat_int<I>(0x7FFFFFFF)) | (bits(of) & splat_int<I>(INT32_MIN)));
}

NC_LANE_INLINE F1 floor(F1 a) {
  const float whole = math::round_half_even(a.v);
  return {whole > a.v ? whole - 1.0f : whole};
}
NC_LANE_INLINE F4 floor(F4 a) { return {simd::f32x4_floor(a.v)}; }
NC_LANE_INLINE F1 ceil(F1 a) {
  const float whole = math::round_half_even(a.v);
  return whole < a.v ? with_sign(F1{whole + 1.0f}, a) : F1{whole};
}
NC_LANE_INLINE F4 ceil(F4 a) { return {simd::f32x4_ceil(a.v)}; }

// pmin(a, b) = b < a ? b : a; pmax(a, b) = a < b ? b : a: a NaN in a stays, a NaN in b is ignored.
NC_LANE_INLINE F1 pmin(F1 a, F1 b) { return {b.v < a.v ? b.v : a.v}; }
NC_LANE_INLINE F4 pmin(F4 a, F4 b) { return {simd::f32x4_pmin(a.v, b.v)}; }
NC_LANE_INLINE F1 pmax(F1 a, F1 b) { return {a.v < b.v ? b.v : a.v}; }
NC_LANE_INLINE F4 pmax(F4 a, F4 b) { return {simd::f32x4_pmax(a.v, b.v)}; }
template <FloatLane F>
NC_LANE_INLINE F pmin(F a, float b) {
  return pmin(a, splat<F>(b));
}
template <FloatLane F>
NC_LANE_INLINE F pmax(F a, float b) {
  return pmax(a, splat<F>(b));
}

NC_LANE_INLINE I1 mask(bool on) { return {on ? -1 : 0}; }
NC_LANE_INLINE I1 lt(F1 a, F1 b) { return mask(a.v < b.v); }
NC_LANE_INLINE I4 lt(F4 a, F4 b) { return {simd::f32x4_lt(a.v, b.v)}; }
NC_LANE_INLINE I1 eq(F1 a, F1 b) { return mask(a.v == b.v); }
NC_LANE_INLINE I4 eq(F4 a, F4 b) { return {simd::f32x4_eq(a.v, b.v)}; }
NC_LANE_INLINE I1 is_nan(F1 a) { return mask(a.v != a.v); }
NC_LANE_INLINE I4 is_nan(F4 a) { return {simd::f32x4_ne(a.v, a.v)}; }
template <FloatLane F>
NC_LANE_INLINE typename F::Int lt(F a, float b) {
  return lt(a, splat<F>(b));
}
template <FloatLane F>
NC_LANE_INLINE typename F::Int lt(float a, F b) {
  return lt(splat<F>(a), b);
}

NC_LANE_INLINE F1 select(I1 yes, F1 a, F1 b) { return yes.v != 0 ? a : b; }
NC_LANE_INLINE F4 select(I4 yes, F4 a, F4 b) { return {simd::select(yes.v, a.v, b.v)}; }
template <FloatLane F>
NC_LANE_INLINE F select(typename F::Int yes, F a, float b) {
  return select(yes, a, splat<F>(b));
}
template <FloatLane F>
NC_LANE_INLINE F zero_unless(typename F::Int yes, F a) {
  return from_bits(bits(a) & yes);
}

template <std::size_t from, std::size_t count, FloatLane F, std::size_t n>
NC_LANE_INLINE F polynomial_part(const float (&c)[n], const F* powers) {
  if constexpr (count == 1) {
    return splat<F>(c[from]);
  } else {
    constexpr std::size_t half = std::bit_floor(count - 1);
    return polynomial_part<from, half>(c, powers) +
           powers[std::countr_zero(half)] * polynomial_part<from + half, count - half>(c, powers);
  }
}

// c[0] + c[1] x + c[2] x^2 ... in pairs, pairs of pairs and so on (Estrin): the chain of operations that wait for each
// other decides the speed, and Horner's is twice as long.
template <FloatLane F, std::size_t n>
NC_LANE_INLINE F polynomial(const float (&c)[n], F x) {
  static_assert(n >= 2 && n <= 16);
  const F x2 = n > 2 ? x * x : x;
  const F x4 = n > 4 ? x2 * x2 : x;
  const F powers[] = {x, x2, x4, n > 8 ? x4 * x4 : x};
  return polynomial_part<0, n>(c, powers);
}

}  // namespace narrowcast::kernels::lanes
