#include "base/half.h"
#include "kernels/elements.h"
#include "kernels/half/half.h"
#include "kernels/simd.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

// Four float32 patterns to four float16 patterns in 32-bit lanes.
V to_half(V x) {
  const V sign_bit = i32x4_splat(INT32_MIN);
  const V sign = v_and(x, sign_bit);
  const V magnitude = v_xor(x, sign);
  // Normal results: rebias, then round by adding half an ulp less one, and one more when the kept part is odd.
  const V odd = v_and(u32x4_shr(magnitude, 13), i32x4_splat(1));
  const V biased = i32x4_add(magnitude, i32x4_splat(0xFFF - (112 << 23)));
  const V normal = u32x4_shr(i32x4_add(biased, odd), 13);
  // Below 2^-14 the result counts 2^-24, the ulp of 0.5: the adder does the rounding.
  const V half = f32x4_splat(0.5f);
  const V subnormal = i32x4_sub(f32x4_add(magnitude, half), half);
  V h = select(i32x4_lt(magnitude, i32x4_splat(113 << 23)), subnormal, normal);
  h = i32x4_min(h, i32x4_splat(0x7C00));  // whatever overflowed is infinite
  h = v_or(h, u32x4_shr(sign, 16));
  return select(i32x4_gt(magnitude, i32x4_splat(0x7F800000)), i32x4_splat(kHalfNan), h);
}

// Four float16 patterns in 32-bit lanes to four float32.
V to_float(V h) {
  const V magnitude = v_and(h, i32x4_splat(0x7FFF));
  // Shifted into place the pattern is 2^-112 of the value, subnormals included; the product is exact.
  V x = f32x4_mul(i32x4_shl(magnitude, 13), f32x4_splat(0x1p112f));
  const V special = i32x4_gt(magnitude, i32x4_splat(0x7BFF));
  x = select(special, i32x4_splat(0x7F800000), x);
  x = v_or(x, i32x4_shl(v_and(h, i32x4_splat(0x8000)), 16));
  return select(i32x4_gt(magnitude, i32x4_splat(0x7C00)), i32x4_splat(static_cast<int32_t>(kFloatNanBits)), x);
}

// All ones where the clamp may have to act: outside 2^-24..65504, zeros, infinities and NaN included.
V outside(V x) {
  const V magnitude = v_and(x, i32x4_splat(INT32_MAX));
  return v_or(i32x4_lt(magnitude, f32x4_splat(kHalfMinPositive)), i32x4_gt(magnitude, f32x4_splat(kHalfMax)));
}

uint8_t* element_f16(void* h, std::size_t i) { return static_cast<uint8_t*>(h) + 2 * i; }
const uint8_t* element_f16(const void* h, std::size_t i) { return static_cast<const uint8_t*>(h) + 2 * i; }

}  // namespace

void convert_f32_f16__simd(const void* x, std::size_t n, void* h) {
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const V low = to_half(load(element_f32(x, i)));
    const V high = to_half(load(element_f32(x, i + 4)));
    store(element_f16(h, i), u16x8_narrow_i32x4(low, high));
  }
  convert_f32_f16__ref(element_f32(x, i), n - i, element_f16(h, i));
}

HalfClamped convert_f32_f16_clamped__simd(const void* x, std::size_t n, void* h) {
  HalfClamped total;
  const auto clamp = [&](std::size_t i, std::size_t count) {
    const HalfClamped some = convert_f32_f16_clamped__ref(element_f32(x, i), count, element_f16(h, i));
    total.too_large += some.too_large;
    total.too_small += some.too_small;
  };
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const V low = load(element_f32(x, i));
    const V high = load(element_f32(x, i + 4));
    store(element_f16(h, i), u16x8_narrow_i32x4(to_half(low), to_half(high)));
    if (any_true(v_or(outside(low), outside(high)))) clamp(i, 8);
  }
  clamp(i, n - i);
  return total;
}

void convert_f16_f32__simd(const void* h, std::size_t n, void* x) {
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const V halves = load(element_f16(h, i));
    store(element_f32(x, i), to_float(u32x4_extend_low_u16x8(halves)));
    store(element_f32(x, i + 4), to_float(u32x4_extend_high_u16x8(halves)));
  }
  convert_f16_f32__ref(element_f16(h, i), n - i, element_f32(x, i));
}

}  // namespace narrowcast::kernels
