// The error function and its GELU, per lane. Below 0.875 erf(a) / a - 1 is a polynomial in a^2; above, the logarithm
// of erfc is one in a. Minimax fits of our own in 40 digits, coefficients float32.
#pragma once

#include "kernels/lanes/exp.h"

namespace narrowcast::kernels::lanes {

inline constexpr float kErfSplit = 0.875f;

// 2^p for -120 <= p <= 0 or NaN, 2 ulp.
template <FloatLane F>
NC_LANE_INLINE F exp2_normal(F p) {
  const F shifted = p + (kMagic + 127);
  const ExpParts<F> parts = exp_parts((p - (shifted - (kMagic + 127))) * 0x1.62e43p-1f, shifted);
  return (parts.less_one + 1.0f) * power_of_two<F>(parts.biased);
}

// For |x| < 0.875, error 1.6e-8 relative before rounding.
template <FloatLane F>
NC_LANE_INLINE F erf_small(F x) {
  constexpr float kSeries[] = {0x1.06eba6p-3f,  -0x1.8126ecp-2f, 0x1.ce1b6p-4f,
                               -0x1.b6974cp-6f, 0x1.4777aep-8f,  -0x1.3ae58ap-11f};
  return x + x * polynomial(kSeries, x * x);
}

// Above, 1 - 2^(log2 erfc(a)), a <= 3.93, where the result rounds to 1.
template <FloatLane F>
NC_LANE_INLINE F erf(F x) {
  constexpr float kLog2Erfc[] = {-0x1.acc498p-13f, -0x1.a09136p+0f, -0x1.d6615ap-1f, -0x1.341214p-3f,
                                 0x1.089b9cp-5f,   -0x1.23986p-8f,  0x1.2ebbbp-12f};
  const F a = pmin(abs(x), 3.93f);
  const F large = with_sign(splat<F>(1.0f) - exp2_normal(polynomial(kLog2Erfc, a)), x);
  return select(lt(abs(x), kErfSplit), erf_small(x), large);
}

// x times the normal distribution's Phi(x) = erfc(-x / sqrt(2)) / 2; the upper tail is max(x, 0) - |x| Phi(-|x|). From
// x = -8.48 down it is 0 (the true value is above -2e-16).
template <FloatLane F>
NC_LANE_INLINE F gelu_erf(F x) {
  constexpr float kLog2HalfErfc[] = {-0x1.001408p+0f, -0x1.a097eap+0f,  -0x1.d5a4c2p-1f,
                                     -0x1.3a1a28p-3f, 0x1.1f535ep-5f,   -0x1.7e5e16p-8f,
                                     0x1.562d7cp-11f, -0x1.6c3db2p-15f, 0x1.59fa62p-20f};
  const F t = x * 0x1.6a09e6p-1f;
  const F a = abs(t);
  const F phi = exp2_normal(polynomial(kLog2HalfErfc, pmin(a, 6.0f)));
  const F tail = zero_unless(lt(a, 6.0f), phi);
  const F large = pmax(x, 0.0f) - pmin(abs(x), kMaxFloat) * tail;
  return select(lt(a, kErfSplit), x * (erf_small(t) * 0.5f + 0.5f), large);
}

}  // namespace narrowcast::kernels::lanes
