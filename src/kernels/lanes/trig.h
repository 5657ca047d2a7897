// Sine and cosine per lane, computed in float64: x = n pi / 2 + r with pi / 2 in 33 + 53 bits, Taylor series of r. The
// result is the float64 one rounded, which is the nearest float but for near-ties. Arguments beyond 2^20 go through
// base/math one by one.
#pragma once

#include "base/math/trig.h"
#include "kernels/lanes/exp.h"

namespace narrowcast::kernels::lanes {

// Two float64 lanes beside one: as F1 and F4, with what is needed here.
struct D1 {
  double v;
};
struct D2 {
  simd::V v;
};
NC_LANE_INLINE D1 splat_like(D1, double value) { return {value}; }
NC_LANE_INLINE D2 splat_like(D2, double value) { return {simd::f64x2_splat(value)}; }
NC_LANE_INLINE D1 operator+(D1 a, D1 b) { return {a.v + b.v}; }
NC_LANE_INLINE D2 operator+(D2 a, D2 b) { return {simd::f64x2_add(a.v, b.v)}; }
NC_LANE_INLINE D1 operator-(D1 a, D1 b) { return {a.v - b.v}; }
NC_LANE_INLINE D2 operator-(D2 a, D2 b) { return {simd::f64x2_sub(a.v, b.v)}; }
NC_LANE_INLINE D1 operator*(D1 a, D1 b) { return {a.v * b.v}; }
NC_LANE_INLINE D2 operator*(D2 a, D2 b) { return {simd::f64x2_mul(a.v, b.v)}; }

// The sine's part of an odd quadrant is the cosine's, quadrants 2 and 3 are negative; the quadrant is in the low bits
// of `shifted`.
NC_LANE_INLINE D1 by_quadrant(D1 shifted, D1 even, D1 odd) {
  const auto quadrant = std::bit_cast<uint64_t>(shifted.v);
  const double value = (quadrant & 1) != 0 ? odd.v : even.v;
  return {std::bit_cast<double>(std::bit_cast<uint64_t>(value) ^ (quadrant & 2) << 62)};
}
NC_LANE_INLINE D2 by_quadrant(D2 shifted, D2 even, D2 odd) {
  using namespace simd;
  const V is_odd = i64x2_sub(i64x2_splat(0), v_and(shifted.v, i64x2_splat(1)));
  const V sign = i64x2_shl(v_and(shifted.v, i64x2_splat(2)), 62);
  return {v_xor(simd::select(is_odd, odd.v, even.v), sign)};
}

template <class D, std::size_t n>
NC_LANE_INLINE D horner_f64(const double (&c)[n], D x) {
  D sum = splat_like(x, c[n - 1]);
  for (std::size_t i = n - 1; i-- > 0;) sum = sum * x + splat_like(x, c[i]);
  return sum;
}

// sin(x + quadrants * pi / 2), |x| <= 2^20.
template <class D>
NC_LANE_INLINE D sin_f64(D x, double quadrants) {
  constexpr double kSin[] = {1.0, -1.0 / 6, 1.0 / 120, -1.0 / 5040, 1.0 / 362880, -1.0 / 39916800};
  constexpr double kCos[] = {1.0, -1.0 / 2, 1.0 / 24, -1.0 / 720, 1.0 / 40320, -1.0 / 3628800, 1.0 / 479001600};
  const D magic = splat_like(x, 0x1.8p52);
  const D shifted = x * splat_like(x, 0x1.45f306dc9c883p-1) + magic;
  const D n = shifted - magic;
  const D r = (x - n * splat_like(x, 0x1.921fb54400000p+0)) - n * splat_like(x, 0x1.0b4611a626331p-34);
  const D z = r * r;
  return by_quadrant(shifted + splat_like(x, quadrants), r * horner_f64(kSin, z), horner_f64(kCos, z));
}

inline constexpr float kTrigLimit = 0x1p20f;

NC_LANE_INLINE F1 sin_shifted(F1 x, double quadrants) {
  if (abs(x).v <= kTrigLimit) return {static_cast<float>(sin_f64(D1{x.v}, quadrants).v)};
  return {static_cast<float>(quadrants == 0 ? math::sin(x.v) : math::cos(x.v))};
}

NC_LANE_INLINE F4 sin_shifted(F4 x, double quadrants) {
  using namespace simd;
  if (any_true(v_not(f32x4_le(f32x4_abs(x.v), f32x4_splat(kTrigLimit))))) [[unlikely]] {
    float lanes[4];
    simd::store(lanes, x.v);
    for (float& lane : lanes) lane = sin_shifted(F1{lane}, quadrants).v;
    return {simd::load(lanes)};
  }
  const D2 low = sin_f64(D2{f64x2_promote_low_f32x4(x.v)}, quadrants);
  const D2 high = sin_f64(D2{f64x2_promote_low_f32x4(i64x2_shuffle<1, 1>(x.v, x.v))}, quadrants);
  return {i64x2_shuffle<0, 2>(f32x4_demote_f64x2_zero(low.v), f32x4_demote_f64x2_zero(high.v))};
}

template <FloatLane F>
NC_LANE_INLINE F sin(F x) {
  return sin_shifted(x, 0);
}
template <FloatLane F>
NC_LANE_INLINE F cos(F x) {
  return sin_shifted(x, 1);
}

}  // namespace narrowcast::kernels::lanes
