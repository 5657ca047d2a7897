// The formula of each UnaryKind, as a template of one element or four (lanes/lane.h).
#pragma once

#include "base/math/hyperbolic.h"
#include "base/math/inverse_trig.h"
#include "kernels/lanes/erf.h"
#include "kernels/lanes/log.h"
#include "kernels/lanes/trig.h"
#include "kernels/lanes/unary.h"

namespace narrowcast::kernels::lanes {

template <UnaryKind kind>
struct UnaryFormula;

#define NC_FORMULA(name, formula)                                                 \
  template <>                                                                     \
  struct UnaryFormula<UnaryKind::name> {                                          \
    template <FloatLane F>                                                        \
    NC_LANE_INLINE static F of(F x, [[maybe_unused]] F a, [[maybe_unused]] F b) { \
      return formula;                                                             \
    }                                                                             \
  };

template <FloatLane F>
NC_LANE_INLINE F times(F a, F b) {
  return a * b;
}
template <FloatLane F>
NC_LANE_INLINE F clamped(F x, F low, F high) {
  return pmin(pmax(x, low), high);
}
template <FloatLane F>
NC_LANE_INLINE F clamped_01(F x) {
  return pmin(pmax(x, 0.0f), 1.0f);
}
template <FloatLane F>
NC_LANE_INLINE F softsign_of(F x) {
  const F finite = pmin(pmax(x, -kMaxFloat), kMaxFloat);
  return finite / (abs(finite) + 1.0f);
}
template <FloatLane F>
NC_LANE_INLINE F celu_of(F x, F a) {
  const F negative = a * expm1_negative(x / a);
  return pmax(x, 0.0f) + select(lt(x, 0.0f), negative, 0.0f);
}
// tanh(log(1 + e)) = (e^2 + 2 e) / (e^2 + 2 e + 2).
template <FloatLane F>
NC_LANE_INLINE F mish_of(F x) {
  const F e = lanes::exp(pmin(x, 20.0f));
  const F n = e * (e + 2.0f);
  return gated(x, n / (n + 2.0f));
}
// (1 + tanh(u)) / 2 = sigmoid(2 u).
template <FloatLane F>
NC_LANE_INLINE F gelu_tanh_of(F x) {
  constexpr float kLinear = 1.5957691216057308f;  // 2 sqrt(2 / pi)
  constexpr float kCubic = 0.07135481627260025f;  // 0.044715 times that
  return gated(x, lanes::sigmoid(x * (x * x * kCubic + kLinear)));
}

template <double (*f)(double)>
NC_LANE_INLINE F1 one_by_one(F1 x) {
  return {static_cast<float>(f(x.v))};
}
template <double (*f)(double)>
NC_LANE_INLINE F4 one_by_one(F4 x) {
  float lanes[4];
  store(lanes, x);
  for (float& lane : lanes) lane = static_cast<float>(f(lane));
  return load<F4>(lanes);
}

NC_FORMULA(abs, lanes::abs(x))
NC_FORMULA(neg, negate(x))
NC_FORMULA(ceil, lanes::ceil(x))
NC_FORMULA(floor, lanes::floor(x))
NC_FORMULA(round_half_even, nearest(x))
NC_FORMULA(sign, select(lt(0.0f, x), splat<F>(1.0f), select(lt(x, 0.0f), splat<F>(-1.0f), x)))
NC_FORMULA(square, times(x, x))
NC_FORMULA(sqrt, lanes::sqrt(x))
NC_FORMULA(rsqrt, 1.0f / lanes::sqrt(x))
NC_FORMULA(reciprocal, 1.0f / x)
NC_FORMULA(exp, lanes::exp(x))
NC_FORMULA(log, lanes::log(x))
NC_FORMULA(sin, lanes::sin(x))
NC_FORMULA(cos, lanes::cos(x))
NC_FORMULA(tanh, lanes::tanh(x))
NC_FORMULA(sigmoid, lanes::sigmoid(x))
NC_FORMULA(erf, lanes::erf(x))
NC_FORMULA(softplus, pmax(x, 0.0f) + log1p_to_1(exp_of_minus_abs(x)))
NC_FORMULA(softsign, softsign_of(x))
NC_FORMULA(clamp, clamped(x, a, b))
NC_FORMULA(relu, pmax(x, 0.0f))
NC_FORMULA(leaky_relu, select(lt(x, 0.0f), times(x, a), x))
NC_FORMULA(elu, select(lt(x, 0.0f), times(a, expm1_negative(x)), x))
NC_FORMULA(selu, times(b, select(lt(x, 0.0f), times(a, expm1_negative(x)), x)))
NC_FORMULA(celu, celu_of(x, a))
NC_FORMULA(thresholded_relu, zero_unless(lt(a, x), x))
NC_FORMULA(hard_sigmoid, clamped_01(times(x, a) + b))
NC_FORMULA(hard_swish, gated(x, clamped_01(x * (1.0f / 6) + 0.5f)))
NC_FORMULA(gelu_erf, lanes::gelu_erf(x))
NC_FORMULA(gelu_tanh, gelu_tanh_of(x))
NC_FORMULA(quick_gelu, gated(x, lanes::sigmoid(times(a, x))))
NC_FORMULA(silu, gated(x, lanes::sigmoid(x)))
NC_FORMULA(mish, mish_of(x))
NC_FORMULA(affine, times(x, a) + b)
NC_FORMULA(tan, one_by_one<math::tan>(x))
NC_FORMULA(asin, one_by_one<math::asin>(x))
NC_FORMULA(acos, one_by_one<math::acos>(x))
NC_FORMULA(atan, one_by_one<math::atan>(x))
NC_FORMULA(sinh, one_by_one<math::sinh>(x))
NC_FORMULA(cosh, one_by_one<math::cosh>(x))
NC_FORMULA(asinh, one_by_one<math::asinh>(x))
NC_FORMULA(acosh, one_by_one<math::acosh>(x))
NC_FORMULA(atanh, one_by_one<math::atanh>(x))

#undef NC_FORMULA

}  // namespace narrowcast::kernels::lanes
