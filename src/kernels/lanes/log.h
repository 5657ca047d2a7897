// Logarithms per lane, through log((1 + s) / (1 - s)) = 2 s + 2 s^3 / 3 + ...: the series' tail as minimax polynomials
// of our own.
#pragma once

#include "kernels/lanes/exp.h"

namespace narrowcast::kernels::lanes {

// log x: x = 2^k m, m in [sqrt(1/2), sqrt(2)), f = m - 1, s = f / (2 + f):
// log m = f - (f^2 / 2 - s (f^2 / 2 + tail)).
template <FloatLane F>
NC_LANE_INLINE F log(F x) {
  using I = typename F::Int;
  constexpr float kTail[] = {0x1.55557ap-1f, 0x1.995ed2p-2f, 0x1.31e134p-2f};
  const auto subnormal = lt(x, 0x1p-126f);
  const F scaled = select(subnormal, x * 0x1p23f, x);
  const I distance = bits(scaled) - splat_int<I>(0x3F3504F3);  // to sqrt(1/2), as patterns
  const F k = to_float(shift_right<23>(distance)) - zero_unless(subnormal, splat<F>(23.0f));
  const F f = from_bits((distance & splat_int<I>(0x007FFFFF)) + splat_int<I>(0x3F3504F3)) - 1.0f;
  const F s = f / (f + 2.0f);
  const F z = s * s;
  const F half = f * f * 0.5f;
  const F low = s * (half + z * polynomial(kTail, z)) + k * -0x1.bd0106p-13f;
  const F y = k * 0x1.63p-1f - ((half - low) - f);
  const F edge = select(eq(x, splat<F>(0.0f)), splat<F>(-kInfinity), select(lt(0.0f, x), x, kNotANumber));
  return select(lt(0.0f, x) & lt(x, kInfinity), y, edge);
}

// log(1 + u) for 0 <= u <= 1 or NaN.
template <FloatLane F>
NC_LANE_INLINE F log1p_to_1(F u) {
  constexpr float kTail[] = {0x1.5555p-1f, 0x1.99d296p-2f, 0x1.1eb48ap-2f, 0x1.1eff64p-2f};
  const F s = u / (u + 2.0f);
  const F z = s * s;
  return s * 2.0f + s * z * polynomial(kTail, z);
}

}  // namespace narrowcast::kernels::lanes
