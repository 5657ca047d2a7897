// The formulas of quantize_one.h on four elements, and the loop over a stretch; shared with quantize_block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/elements.h"
#include "kernels/quantize/quantize_one.h"
#include "kernels/simd.h"

namespace narrowcast::kernels {

// rne(t) as int32, bounded by +-2^20, 0 for NaN. Bounding before rounding changes nothing, the bounds being integers;
// 1.5 * 2^23 then leaves no fraction bits, so the sum rounds to even and its low bits are the integer.
inline simd::V whole_half_even(simd::V t) {
  using namespace simd;
  t = v_and(t, f32x4_eq(t, t));
  t = f32x4_pmin(f32x4_pmax(t, f32x4_splat(-kCodeBound)), f32x4_splat(kCodeBound));
  constexpr float kMagic = 0x1.8p23f;
  return i32x4_sub(f32x4_add(t, f32x4_splat(kMagic)), f32x4_splat(kMagic));
}

// rne(x / scale), as above.
inline simd::V quotient_half_even(simd::V x, simd::V scale) { return whole_half_even(simd::f32x4_div(x, scale)); }

// How the rounding that ends half to even comes to its quotient; `factor` is the scale, or its reciprocal.
struct Dividing {
  static constexpr Rounding kRounding = Rounding::float32_half_even;
  static float factor_of(double scale) { return static_cast<float>(scale); }
  static simd::V quotient(simd::V x, simd::V factor) { return simd::f32x4_div(x, factor); }
  static float quotient(float x, float factor) { return x / factor; }
};
struct Multiplying {
  static constexpr Rounding kRounding = Rounding::float32_reciprocal_half_even;
  static float factor_of(double scale) { return 1.0F / static_cast<float>(scale); }
  static simd::V quotient(simd::V x, simd::V factor) { return simd::f32x4_mul(x, factor); }
  static float quotient(float x, float factor) { return x * factor; }
};

// clamp(round(x / scale + zero_point)) of two float64, ties away from zero, as float64; NaN gives zero_point.
inline simd::V code_half_away(simd::V x, simd::V scale, simd::V zero_point, simd::V low, simd::V high) {
  using namespace simd;
  V t = f64x2_add(f64x2_div(x, scale), zero_point);
  t = select(f64x2_eq(t, t), t, zero_point);
  t = f64x2_pmin(f64x2_pmax(t, low), high);
  const V whole = f64x2_trunc(t);
  const V away = f64x2_ge(f64x2_abs(f64x2_sub(t, whole)), f64x2_splat(0.5));
  const V signed_one = v_or(v_and(t, f64x2_splat(-0.0)), f64x2_splat(1.0));
  return f64x2_add(whole, v_and(away, signed_one));
}

// Integral float64 to int32: 1.5 * 2^52 leaves the integer in the low 32 bits.
inline simd::V low_words(simd::V a, simd::V b) {
  using namespace simd;
  const V magic = f64x2_splat(0x1.8p52);
  return i32x4_shuffle<0, 2, 4, 6>(f64x2_add(a, magic), f64x2_add(b, magic));
}

// What a loop applies at index i: operator() to four elements, one() to a single one of the tail.
template <typename Quotient>
struct HalfEvenUniform {
  float factor;
  int32_t zero_point;

  simd::V operator()(simd::V x, std::size_t) const {
    return simd::i32x4_add(whole_half_even(Quotient::quotient(x, simd::f32x4_splat(factor))),
                           simd::i32x4_splat(zero_point));
  }
  int32_t one(float x, std::size_t, CodeRange range) const {
    return code_half_even(Quotient::quotient(x, factor), zero_point, range);
  }
};

template <typename Quotient>
struct HalfEvenTable {
  const float* factor;
  const int32_t* zero_point;

  simd::V operator()(simd::V x, std::size_t i) const {
    return simd::i32x4_add(whole_half_even(Quotient::quotient(x, simd::load(factor + i))), simd::load(zero_point + i));
  }
  int32_t one(float x, std::size_t i, CodeRange range) const {
    return code_half_even(Quotient::quotient(x, factor[i]), zero_point[i], range);
  }
};

struct HalfAwayUniform {
  double scale;
  int32_t zero_point;
  CodeRange range;

  simd::V operator()(simd::V x, std::size_t) const {
    using namespace simd;
    const V s = f64x2_splat(scale);
    const V zero = f64x2_splat(zero_point);
    const V low = f64x2_splat(range.min);
    const V high = f64x2_splat(range.max);
    return low_words(code_half_away(f64x2_promote_low_f32x4(x), s, zero, low, high),
                     code_half_away(f64x2_promote_low_f32x4(i64x2_shuffle<1, 1>(x, x)), s, zero, low, high));
  }
  int32_t one(float x, std::size_t, CodeRange) const { return quantize_half_away(x, scale, zero_point, range); }
};

struct HalfAwayTable {
  const double* scale;
  const double* zero_point;
  CodeRange range;

  simd::V operator()(simd::V x, std::size_t i) const {
    using namespace simd;
    const V low = f64x2_splat(range.min);
    const V high = f64x2_splat(range.max);
    return low_words(code_half_away(f64x2_promote_low_f32x4(x), load(scale + i), load(zero_point + i), low, high),
                     code_half_away(f64x2_promote_low_f32x4(i64x2_shuffle<1, 1>(x, x)), load(scale + i + 2),
                                    load(zero_point + i + 2), low, high));
  }
  int32_t one(float x, std::size_t i, CodeRange) const {
    return quantize_half_away(x, scale[i], static_cast<int32_t>(zero_point[i]), range);
  }
};

// Sixteen int32 to codes: the narrowing saturates to the type, then the range is applied.
template <typename T>
void store_codes(simd::V a, simd::V b, simd::V c, simd::V d, CodeRange range, T* q) {
  using namespace simd;
  const auto low = static_cast<T>(range.min);
  const auto high = static_cast<T>(range.max);
  if constexpr (std::is_same_v<T, int8_t>) {
    const V codes = i8x16_narrow_i16x8(i16x8_narrow_i32x4(a, b), i16x8_narrow_i32x4(c, d));
    store(q, i8x16_min(i8x16_max(codes, i8x16_splat(low)), i8x16_splat(high)));
  } else if constexpr (std::is_same_v<T, uint8_t>) {
    const V codes = u8x16_narrow_i16x8(i16x8_narrow_i32x4(a, b), i16x8_narrow_i32x4(c, d));
    const V l = i8x16_splat(static_cast<int8_t>(low));
    const V h = i8x16_splat(static_cast<int8_t>(high));
    store(q, u8x16_min(u8x16_max(codes, l), h));
  } else if constexpr (std::is_same_v<T, int16_t>) {
    const V l = i16x8_splat(low);
    const V h = i16x8_splat(high);
    store(q, i16x8_min(i16x8_max(i16x8_narrow_i32x4(a, b), l), h));
    store(q + 8, i16x8_min(i16x8_max(i16x8_narrow_i32x4(c, d), l), h));
  } else {
    const V l = i16x8_splat(static_cast<int16_t>(low));
    const V h = i16x8_splat(static_cast<int16_t>(high));
    store(q, u16x8_min(u16x8_max(u16x8_narrow_i32x4(a, b), l), h));
    store(q + 8, u16x8_min(u16x8_max(u16x8_narrow_i32x4(c, d), l), h));
  }
}

template <typename T, typename Lanes>
void quantize_stretch(const void* x, std::size_t n, const Lanes& lanes, CodeRange range, T* q) {
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    store_codes(lanes(simd::load(element_f32(x, i)), i), lanes(simd::load(element_f32(x, i + 4)), i + 4),
                lanes(simd::load(element_f32(x, i + 8)), i + 8), lanes(simd::load(element_f32(x, i + 12)), i + 12),
                range, q + i);
  }
  for (; i < n; ++i) q[i] = static_cast<T>(lanes.one(load_f32(x, i), i, range));
}

}  // namespace narrowcast::kernels
