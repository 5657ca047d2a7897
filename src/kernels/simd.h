// The allow-list of 128-bit operations: WebAssembly simd128 in wasm, the same through SIMDe natively. Only operations
// whose results are identical in both are here, NaN payloads apart. Left out on purpose: f32x4/f64x2 min and max (use
// pmin, pmax), u32x4 trunc_sat, q15mulr_sat, all of relaxed SIMD. No other file includes wasm_simd128.h or SIMDe.
//
// Names are <lanes>_<operation>; comparisons give all ones or all zeros per lane; memory may be unaligned.
#pragma once

#include <cstdint>

#if defined(__FAST_MATH__)
#error "fast-math would change results between builds"
#endif

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#else
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/wasm/simd128.h>
#endif

namespace narrowcast::kernels::simd {

using V = v128_t;

#define NC_UNARY(name, intrinsic) \
  inline V name(V a) { return intrinsic(a); }
#define NC_BINARY(name, intrinsic) \
  inline V name(V a, V b) { return intrinsic(a, b); }
#define NC_SHIFT(name, intrinsic) \
  inline V name(V a, uint32_t count) { return intrinsic(a, count); }
#define NC_SPLAT(name, intrinsic, T) \
  inline V name(T value) { return intrinsic(value); }
#define NC_LANE(name, intrinsic, T) \
  template <int lane>               \
  T name(V a) {                     \
    return intrinsic(a, lane);      \
  }

// Memory.
inline V load(const void* from) { return wasm_v128_load(from); }
inline void store(void* to, V a) { wasm_v128_store(to, a); }
inline V load32_splat(const void* from) { return wasm_v128_load32_splat(from); }
inline V load64_splat(const void* from) { return wasm_v128_load64_splat(from); }
inline V load32_zero(const void* from) { return wasm_v128_load32_zero(from); }
inline V load64_zero(const void* from) { return wasm_v128_load64_zero(from); }
template <int lane>
void store32_lane(void* to, V a) {
  wasm_v128_store32_lane(to, a, lane);
}
template <int lane>
void store64_lane(void* to, V a) {
  wasm_v128_store64_lane(to, a, lane);
}
inline V i16x8_load8x8(const void* from) { return wasm_i16x8_load8x8(from); }
inline V u16x8_load8x8(const void* from) { return wasm_u16x8_load8x8(from); }
inline V i32x4_load16x4(const void* from) { return wasm_i32x4_load16x4(from); }
inline V u32x4_load16x4(const void* from) { return wasm_u32x4_load16x4(from); }

// Constants and lanes.
NC_SPLAT(i8x16_splat, wasm_i8x16_splat, int8_t)
NC_SPLAT(i16x8_splat, wasm_i16x8_splat, int16_t)
NC_SPLAT(i32x4_splat, wasm_i32x4_splat, int32_t)
NC_SPLAT(i64x2_splat, wasm_i64x2_splat, int64_t)
NC_SPLAT(f32x4_splat, wasm_f32x4_splat, float)
NC_SPLAT(f64x2_splat, wasm_f64x2_splat, double)
NC_LANE(i32x4_lane, wasm_i32x4_extract_lane, int32_t)
NC_LANE(i64x2_lane, wasm_i64x2_extract_lane, int64_t)
NC_LANE(f32x4_lane, wasm_f32x4_extract_lane, float)
NC_LANE(f64x2_lane, wasm_f64x2_extract_lane, double)
template <int a, int b, int c, int d>
V i32x4_shuffle(V x, V y) {
  return wasm_i32x4_shuffle(x, y, a, b, c, d);
}
template <int a, int b, int c, int d, int e, int f, int g, int h>
V i16x8_shuffle(V x, V y) {
  return wasm_i16x8_shuffle(x, y, a, b, c, d, e, f, g, h);
}
template <int a, int b>
V i64x2_shuffle(V x, V y) {
  return wasm_i64x2_shuffle(x, y, a, b);
}
// Bytes 0..7 (8..15) of x and y in turn: x0 y0 x1 y1...
inline V i8x16_interleave_low(V x, V y) {
  return wasm_i8x16_shuffle(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
inline V i8x16_interleave_high(V x, V y) {
  return wasm_i8x16_shuffle(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// Bits.
NC_BINARY(v_and, wasm_v128_and)
NC_BINARY(v_or, wasm_v128_or)
NC_BINARY(v_xor, wasm_v128_xor)
NC_BINARY(v_andnot, wasm_v128_andnot)  // a & ~b
NC_UNARY(v_not, wasm_v128_not)
inline V select(V mask, V yes, V no) { return wasm_v128_bitselect(yes, no, mask); }
inline bool any_true(V a) { return wasm_v128_any_true(a); }

// 8-bit lanes.
NC_BINARY(i8x16_add, wasm_i8x16_add)
NC_BINARY(i8x16_sub, wasm_i8x16_sub)
NC_BINARY(i8x16_add_sat, wasm_i8x16_add_sat)
NC_BINARY(u8x16_add_sat, wasm_u8x16_add_sat)
NC_BINARY(i8x16_min, wasm_i8x16_min)
NC_BINARY(i8x16_max, wasm_i8x16_max)
NC_BINARY(u8x16_min, wasm_u8x16_min)
NC_BINARY(u8x16_max, wasm_u8x16_max)
NC_BINARY(i8x16_narrow_i16x8, wasm_i8x16_narrow_i16x8)  // signed in, saturating
NC_BINARY(u8x16_narrow_i16x8, wasm_u8x16_narrow_i16x8)  // signed in, saturating to 0..255

// 16-bit lanes.
NC_BINARY(i16x8_add, wasm_i16x8_add)
NC_BINARY(i16x8_sub, wasm_i16x8_sub)
NC_BINARY(i16x8_mul, wasm_i16x8_mul)
NC_BINARY(i16x8_add_sat, wasm_i16x8_add_sat)
NC_BINARY(i16x8_min, wasm_i16x8_min)
NC_BINARY(i16x8_max, wasm_i16x8_max)
NC_BINARY(u16x8_min, wasm_u16x8_min)
NC_BINARY(u16x8_max, wasm_u16x8_max)
NC_SHIFT(i16x8_shl, wasm_i16x8_shl)
NC_SHIFT(i16x8_shr, wasm_i16x8_shr)
NC_SHIFT(u16x8_shr, wasm_u16x8_shr)
NC_BINARY(i16x8_narrow_i32x4, wasm_i16x8_narrow_i32x4)
NC_BINARY(u16x8_narrow_i32x4, wasm_u16x8_narrow_i32x4)
NC_UNARY(i16x8_extend_low_i8x16, wasm_i16x8_extend_low_i8x16)
NC_UNARY(i16x8_extend_high_i8x16, wasm_i16x8_extend_high_i8x16)
NC_UNARY(u16x8_extend_low_u8x16, wasm_u16x8_extend_low_u8x16)
NC_UNARY(u16x8_extend_high_u8x16, wasm_u16x8_extend_high_u8x16)

// 32-bit integer lanes.
NC_BINARY(i32x4_add, wasm_i32x4_add)
NC_BINARY(i32x4_sub, wasm_i32x4_sub)
NC_BINARY(i32x4_mul, wasm_i32x4_mul)
NC_BINARY(i32x4_min, wasm_i32x4_min)
NC_BINARY(i32x4_max, wasm_i32x4_max)
NC_BINARY(u32x4_min, wasm_u32x4_min)
NC_BINARY(u32x4_max, wasm_u32x4_max)
NC_BINARY(i32x4_eq, wasm_i32x4_eq)
NC_BINARY(i32x4_lt, wasm_i32x4_lt)
NC_BINARY(i32x4_gt, wasm_i32x4_gt)
NC_SHIFT(i32x4_shl, wasm_i32x4_shl)
NC_SHIFT(i32x4_shr, wasm_i32x4_shr)
NC_SHIFT(u32x4_shr, wasm_u32x4_shr)
NC_BINARY(i32x4_dot_i16x8, wasm_i32x4_dot_i16x8)
NC_UNARY(i32x4_extend_low_i16x8, wasm_i32x4_extend_low_i16x8)
NC_UNARY(i32x4_extend_high_i16x8, wasm_i32x4_extend_high_i16x8)
NC_UNARY(u32x4_extend_low_u16x8, wasm_u32x4_extend_low_u16x8)
NC_UNARY(u32x4_extend_high_u16x8, wasm_u32x4_extend_high_u16x8)

// 64-bit integer lanes.
NC_BINARY(i64x2_add, wasm_i64x2_add)
NC_BINARY(i64x2_sub, wasm_i64x2_sub)
NC_SHIFT(i64x2_shl, wasm_i64x2_shl)
NC_UNARY(u64x2_extend_low_u32x4, wasm_u64x2_extend_low_u32x4)
NC_UNARY(u64x2_extend_high_u32x4, wasm_u64x2_extend_high_u32x4)

// float32 lanes. pmin(a, b) = b < a ? b : a and pmax(a, b) = a < b ? b : a: a NaN in a stays, a NaN in b is ignored.
NC_BINARY(f32x4_add, wasm_f32x4_add)
NC_BINARY(f32x4_sub, wasm_f32x4_sub)
NC_BINARY(f32x4_mul, wasm_f32x4_mul)
NC_BINARY(f32x4_div, wasm_f32x4_div)
NC_BINARY(f32x4_pmin, wasm_f32x4_pmin)
NC_BINARY(f32x4_pmax, wasm_f32x4_pmax)
NC_UNARY(f32x4_sqrt, wasm_f32x4_sqrt)
NC_UNARY(f32x4_abs, wasm_f32x4_abs)
NC_UNARY(f32x4_neg, wasm_f32x4_neg)
NC_UNARY(f32x4_floor, wasm_f32x4_floor)
NC_UNARY(f32x4_ceil, wasm_f32x4_ceil)
NC_UNARY(f32x4_trunc, wasm_f32x4_trunc)
NC_UNARY(f32x4_nearest, wasm_f32x4_nearest)
NC_BINARY(f32x4_eq, wasm_f32x4_eq)
NC_BINARY(f32x4_ne, wasm_f32x4_ne)
NC_BINARY(f32x4_lt, wasm_f32x4_lt)
NC_BINARY(f32x4_le, wasm_f32x4_le)
NC_BINARY(f32x4_gt, wasm_f32x4_gt)
NC_BINARY(f32x4_ge, wasm_f32x4_ge)
NC_UNARY(f32x4_convert_i32x4, wasm_f32x4_convert_i32x4)
NC_UNARY(f32x4_demote_f64x2_zero, wasm_f32x4_demote_f64x2_zero)

// float64 lanes.
NC_BINARY(f64x2_add, wasm_f64x2_add)
NC_BINARY(f64x2_sub, wasm_f64x2_sub)
NC_BINARY(f64x2_mul, wasm_f64x2_mul)
NC_BINARY(f64x2_div, wasm_f64x2_div)
NC_BINARY(f64x2_pmin, wasm_f64x2_pmin)
NC_BINARY(f64x2_pmax, wasm_f64x2_pmax)
NC_UNARY(f64x2_abs, wasm_f64x2_abs)
NC_UNARY(f64x2_trunc, wasm_f64x2_trunc)
NC_BINARY(f64x2_eq, wasm_f64x2_eq)
NC_BINARY(f64x2_lt, wasm_f64x2_lt)
NC_BINARY(f64x2_ge, wasm_f64x2_ge)
NC_UNARY(f64x2_promote_low_f32x4, wasm_f64x2_promote_low_f32x4)

#undef NC_UNARY
#undef NC_BINARY
#undef NC_SHIFT
#undef NC_SPLAT
#undef NC_LANE

}  // namespace narrowcast::kernels::simd
