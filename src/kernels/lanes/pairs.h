// The formula of each BinaryKind that has lanes, as a template of one pair or four (lanes/lane.h).
#pragma once

#include <limits>

#include "kernels/lanes/binary.h"
#include "kernels/lanes/lane.h"

namespace narrowcast::kernels::lanes {

template <BinaryKind kind>
struct BinaryFormula;

#define NC_FORMULA(name, formula)          \
  template <>                              \
  struct BinaryFormula<BinaryKind::name> { \
    template <FloatLane F>                 \
    NC_LANE_INLINE static F of(F a, F b) { \
      return formula;                      \
    }                                      \
  };

template <FloatLane F>
NC_LANE_INLINE F times(F a, F b) {
  return a * b;
}
template <FloatLane F>
NC_LANE_INLINE F square_of(F x) {
  return x * x;
}

NC_FORMULA(add, a + b)
NC_FORMULA(sub, a - b)
NC_FORMULA(mul, times(a, b))
NC_FORMULA(div, a / b)
NC_FORMULA(min, select(is_nan(b), b, pmin(a, b)))
NC_FORMULA(max, select(is_nan(b), b, pmax(a, b)))
NC_FORMULA(squared_difference, square_of(a - b))
NC_FORMULA(prelu, select(lt(a, 0.0f), times(a, b), a))

#undef NC_FORMULA

// a^(1/2), whatever b is.
struct PowerOfHalf {
  template <FloatLane F>
  NC_LANE_INLINE static F of(F a, F) {
    constexpr float kInf = std::numeric_limits<float>::infinity();
    return select(eq(a, splat<F>(-kInf)), splat<F>(kInf), sqrt(a) + 0.0f);
  }
};

}  // namespace narrowcast::kernels::lanes
