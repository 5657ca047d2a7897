// Every operation of the allow-list over hostile inputs, one hash: SIMDe natively and the engine's own in wasm agree.
#include "kernels/simd.h"

#include <gtest/gtest.h>

#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;
using namespace test;

// Which NaN an operation gives is nobody's promise: each counts as one and the same.
V one_nan_f32(V a) { return select(f32x4_eq(a, a), a, f32x4_splat(std::numeric_limits<float>::quiet_NaN())); }
V one_nan_f64(V a) { return select(f64x2_eq(a, a), a, f64x2_splat(std::numeric_limits<double>::quiet_NaN())); }

struct Trace {
  uint64_t hash = 0xCBF29CE484222325u;

  void raw(V a) {
    uint8_t bytes[16];
    store(bytes, a);
    hash = test::hash(bytes, 16, hash);
  }
  void f32(V a) { raw(one_nan_f32(a)); }
  void f64(V a) { raw(one_nan_f64(a)); }
};

void trace_bits(Trace& trace, V a, V b) {
  for (auto* f : {v_and, v_or, v_xor, v_andnot, i8x16_interleave_low, i8x16_interleave_high}) trace.raw(f(a, b));
  trace.raw(v_not(a));
  trace.raw(select(a, b, v_not(a)));
  trace.raw(i32x4_splat(any_true(v_and(a, b)) ? 1 : 0));
  trace.raw(i32x4_shuffle<0, 5, 2, 7>(a, b));
  trace.raw(i16x8_shuffle<0, 9, 2, 11, 4, 13, 6, 15>(a, b));
  trace.raw(i64x2_shuffle<1, 2>(a, b));
}

void trace_integers(Trace& trace, V a, V b) {
  for (auto* f : {i8x16_add, i8x16_sub, i8x16_add_sat, u8x16_add_sat, i8x16_min, i8x16_max, u8x16_min, u8x16_max}) {
    trace.raw(f(a, b));
  }
  for (auto* f : {i16x8_add, i16x8_sub, i16x8_mul, i16x8_add_sat, i16x8_min, i16x8_max, u16x8_min, u16x8_max,
                  i8x16_narrow_i16x8, u8x16_narrow_i16x8}) {
    trace.raw(f(a, b));
  }
  for (auto* f : {i32x4_add, i32x4_sub, i32x4_mul, i32x4_min, i32x4_max, u32x4_min, u32x4_max, i32x4_eq, i32x4_lt,
                  i32x4_gt, i32x4_dot_i16x8, i16x8_narrow_i32x4, u16x8_narrow_i32x4, i64x2_add, i64x2_sub}) {
    trace.raw(f(a, b));
  }
  for (auto* f : {i16x8_extend_low_i8x16, i16x8_extend_high_i8x16, u16x8_extend_low_u8x16, u16x8_extend_high_u8x16,
                  i32x4_extend_low_i16x8, i32x4_extend_high_i16x8, u32x4_extend_low_u16x8, u32x4_extend_high_u16x8,
                  u64x2_extend_low_u32x4, u64x2_extend_high_u32x4}) {
    trace.raw(f(a));
  }
  for (uint32_t count : {0u, 1u, 7u, 15u, 16u, 31u, 33u}) {
    for (auto* f : {i16x8_shl, i16x8_shr, u16x8_shr, i32x4_shl, i32x4_shr, u32x4_shr, i64x2_shl}) {
      trace.raw(f(a, count));
    }
  }
}

void trace_floats(Trace& trace, V a, V b) {
  for (auto* f : {f32x4_add, f32x4_sub, f32x4_mul, f32x4_div, f32x4_pmin, f32x4_pmax}) trace.f32(f(a, b));
  for (auto* f : {f32x4_eq, f32x4_ne, f32x4_lt, f32x4_le, f32x4_gt, f32x4_ge, f64x2_eq, f64x2_lt, f64x2_ge}) {
    trace.raw(f(a, b));
  }
  for (auto* f : {f32x4_sqrt, f32x4_abs, f32x4_neg, f32x4_floor, f32x4_ceil, f32x4_trunc, f32x4_nearest,
                  f32x4_convert_i32x4, f32x4_demote_f64x2_zero}) {
    trace.f32(f(a));
  }
  for (auto* f : {f64x2_add, f64x2_sub, f64x2_mul, f64x2_div, f64x2_pmin, f64x2_pmax}) trace.f64(f(a, b));
  for (auto* f : {f64x2_abs, f64x2_trunc, f64x2_promote_low_f32x4}) trace.f64(f(a));
}

void trace_memory(Trace& trace, const uint8_t* from) {
  for (auto* f : {load, load32_splat, load64_splat, load32_zero, load64_zero, i16x8_load8x8, u16x8_load8x8,
                  i32x4_load16x4, u32x4_load16x4}) {
    trace.raw(f(from));
  }
}

TEST(Simd, SameBitsInEveryBuild) {
  const std::vector<float> x = floats(4096, Mix::hostile, 21);
  const auto* bytes = reinterpret_cast<const uint8_t*>(x.data());
  Trace trace;
  for (std::size_t i = 0; i + 8 <= x.size(); i += 3) {
    const V a = load(bytes + 4 * i);
    const V b = load(bytes + 4 * i + 16);
    trace_bits(trace, a, b);
    trace_integers(trace, a, b);
    trace_floats(trace, a, b);
    trace_floats(trace, f64x2_promote_low_f32x4(a), f64x2_promote_low_f32x4(b));
    trace_memory(trace, bytes + 4 * i + i % 4);
  }
  EXPECT_EQ(trace.hash, 0x77c3dead9c77d592u) << std::hex << trace.hash;
}

TEST(Simd, LanesAreStoredAlone) {
  const uint32_t from[4] = {1, 2, 3, 4};
  uint32_t to[4] = {};
  store32_lane<2>(to, load(from));
  store64_lane<1>(to + 1, load(from));
  EXPECT_EQ(std::vector<uint32_t>(to, to + 4), (std::vector<uint32_t>{3, 3, 4, 0}));
}

TEST(Simd, PminAndPmaxKeepTheFirstUnlessTheSecondIsBeyondIt) {
  const V nan = f32x4_splat(std::numeric_limits<float>::quiet_NaN());
  const V one = f32x4_splat(1);
  EXPECT_EQ(f32x4_lane<0>(f32x4_pmin(one, nan)), 1.0f);
  EXPECT_EQ(f32x4_lane<0>(f32x4_pmax(one, nan)), 1.0f);
  EXPECT_NE(f32x4_lane<0>(f32x4_pmin(nan, one)), f32x4_lane<0>(f32x4_pmin(nan, one)));
  EXPECT_EQ(i32x4_lane<0>(f32x4_pmin(f32x4_splat(0.0f), f32x4_splat(-0.0f))), 0);
}

}  // namespace
}  // namespace narrowcast::kernels
