// e^x and what is made of it, per lane. x = n ln 2 + r with |r| <= ln 2 / 2 (ln 2 in two parts, Cody and Waite);
// e^r - 1 = r + r^2 tail(r), the tail a minimax polynomial of our own (weight r, coefficients float32, error 1.4e-8
// relative to e^r - 1).
#pragma once

#include <limits>

#include "kernels/lanes/lane.h"

namespace narrowcast::kernels::lanes {

inline constexpr float kMaxFloat = std::numeric_limits<float>::max();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();

// x + kMagic has the integer nearest to x in its low bits; plus a bias it has that, too. The bits above the lowest nine
// leave when those are shifted to where a float has its exponent.
inline constexpr float kMagic = 0x1.8p23f;

template <FloatLane F>
struct ExpParts {
  F less_one;              // e^r - 1
  typename F::Int biased;  // n + the bias in the lowest nine bits
};

template <FloatLane F>
NC_LANE_INLINE ExpParts<F> exp_parts(F r, F shifted) {
  constexpr float kTail[] = {0.5f, 0x1.5554b2p-3f, 0x1.5554c8p-5f, 0x1.12268p-7f, 0x1.6d7228p-10f};
  return {r + r * r * polynomial(kTail, r), bits(shifted)};
}

// |x| <= 110 or NaN.
template <int bias, FloatLane F>
NC_LANE_INLINE ExpParts<F> split_exp(F x) {
  const F shifted = x * 0x1.715476p+0f + (kMagic + bias);
  const F n = shifted - (kMagic + bias);
  return exp_parts((x - n * 0x1.63p-1f) - n * -0x1.bd0106p-13f, shifted);
}

// 2^(biased - 127) for 0 < biased < 255.
template <class F>
NC_LANE_INLINE F power_of_two(typename F::Int biased) {
  return from_bits(shift_left<23>(biased));
}

// 2^n in two factors, so that subnormal results are rounded once and large ones overflow.
template <FloatLane F>
NC_LANE_INLINE F exp(F x) {
  const ExpParts<F> parts = split_exp<254>(pmin(pmax(x, -104.0f), 89.0f));
  const auto half = shift_right<1>(parts.biased);
  return (parts.less_one + 1.0f) * power_of_two<F>(half) * power_of_two<F>(parts.biased - half);
}

// e^-|x|: what is safe from overflow; 2^(n + 64) is always normal, and 2^-64 rounds once.
template <FloatLane F>
NC_LANE_INLINE F exp_of_minus_abs(F x) {
  using I = typename F::Int;
  const F negative = from_bits(bits(x) | splat_int<I>(INT32_MIN));
  const ExpParts<F> parts = split_exp<127 + 64>(pmax(negative, -104.0f));
  return (parts.less_one + 1.0f) * power_of_two<F>(parts.biased) * 0x1p-64f;
}

// e^x - 1 for |x| <= 80 or NaN.
template <FloatLane F>
NC_LANE_INLINE F expm1_within_80(F x) {
  const ExpParts<F> parts = split_exp<127>(x);
  const F power = power_of_two<F>(parts.biased);
  return power * parts.less_one + (power - 1.0f);
}

// e^x - 1 for x <= 0; at -20 it has become -1.
template <FloatLane F>
NC_LANE_INLINE F expm1_negative(F x) {
  return expm1_within_80(pmax(x, -20.0f));
}

// t / (t + 2), t = e^(2 |x|) - 1, with the sign of x; from |x| = 10 on it is 1.
template <FloatLane F>
NC_LANE_INLINE F tanh(F x) {
  const F a = pmin(abs(x), 10.0f);
  const F t = expm1_within_80(a + a);
  return with_sign(t / (t + 2.0f), x);
}

// 1 / (1 + e^-x), for x < 0 as e^x / (1 + e^x): as good in the tail as elsewhere.
template <FloatLane F>
NC_LANE_INLINE F sigmoid(F x) {
  const F e = exp_of_minus_abs(x);
  return select(lt(x, 0.0f), e, 1.0f) / (e + 1.0f);
}

// x times a factor that vanishes at -infinity: 0 there instead of NaN.
template <FloatLane F>
NC_LANE_INLINE F gated(F x, F gate) {
  return pmax(x, -kMaxFloat) * gate;
}

}  // namespace narrowcast::kernels::lanes
