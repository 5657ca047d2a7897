#include "kernels/half/half.h"

#include <gtest/gtest.h>

#include "base/half.h"
#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

constexpr float kInf = std::numeric_limits<float>::infinity();

// Every float16 pattern in order.
std::vector<uint16_t> all_halves() {
  std::vector<uint16_t> halves(65536);
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<uint16_t>(i);
  return halves;
}

// Every sign and exponent with mantissas at, just below and just above the ties of every possible rounding position.
std::vector<float> boundary_floats() {
  std::vector<float> values;
  for (uint32_t exponent = 0; exponent < 256; ++exponent) {
    for (uint32_t bit = 0; bit < 24; ++bit) {
      for (uint32_t kept : {0u, 1u, 2u, 3u, 0x2AAAAAu, 0x7FFFFFu}) {
        for (uint32_t delta : {0u, 1u, 0xFFFFFFFFu}) {
          const uint32_t mantissa = (((kept << bit) | (1u << bit >> 1)) + delta) & 0x7FFFFFu;
          values.push_back(std::bit_cast<float>((exponent << 23) | mantissa));
          values.push_back(std::bit_cast<float>(0x80000000u | (exponent << 23) | mantissa));
        }
      }
    }
  }
  return values;
}

TEST(Half, ScalarMatchesTheCompiler) {
#if defined(__FLT16_MANT_DIG__) && defined(__x86_64__)
  for (float x : boundary_floats()) {
    if (x == x) {
      ASSERT_EQ(f32_to_f16(x), std::bit_cast<uint16_t>(static_cast<_Float16>(x))) << x;
    }
  }
  for (uint16_t h : all_halves()) {
    const auto want = static_cast<float>(std::bit_cast<_Float16>(h));
    if (want == want) {
      ASSERT_EQ(std::bit_cast<uint32_t>(f16_to_f32(h)), std::bit_cast<uint32_t>(want)) << h;
    }
  }
#else
  GTEST_SKIP() << "this compiler has no float16 of its own";
#endif
}

TEST(Half, ScalarLandmarks) {
  EXPECT_EQ(f32_to_f16(1.0f), 0x3C00);
  EXPECT_EQ(f32_to_f16(-2.0f), 0xC000);
  EXPECT_EQ(f32_to_f16(65504.0f), 0x7BFF);
  EXPECT_EQ(f32_to_f16(65519.996f), 0x7BFF);
  EXPECT_EQ(f32_to_f16(65520.0f), 0x7C00);
  EXPECT_EQ(f32_to_f16(0x1p-24f), 0x0001);
  EXPECT_EQ(f32_to_f16(0x1p-25f), 0x0000);
  EXPECT_EQ(f32_to_f16(-0x1p-25f), 0x8000);
  EXPECT_EQ(f32_to_f16(0x1.8p-24f), 0x0002);
  EXPECT_EQ(f32_to_f16(1.0f + 0x1p-11f), 0x3C00);
  EXPECT_EQ(f32_to_f16(1.0f + 0x1.8p-10f), 0x3C02);
  EXPECT_EQ(f32_to_f16(std::numeric_limits<float>::quiet_NaN()), kHalfNan);
  EXPECT_EQ(f32_to_f16(-kInf), 0xFC00);
  EXPECT_EQ(bf16_to_f32(f32_to_bf16(1.00390625f)), 1.0f);
  EXPECT_EQ(bf16_to_f32(f32_to_bf16(1.01171875f)), 1.015625f);
}

TEST(Half, EveryHalfSurvivesTheRoundTrip) {
  const std::vector<uint16_t> halves = all_halves();
  std::vector<float> x(halves.size()), ref(halves.size());
  convert_f16_f32__simd(halves.data(), halves.size(), x.data());
  convert_f16_f32__ref(halves.data(), halves.size(), ref.data());
  EXPECT_EQ(bits(x), bits(ref));
  std::vector<uint16_t> back(halves.size());
  convert_f32_f16__simd(x.data(), x.size(), back.data());
  for (std::size_t i = 0; i < halves.size(); ++i) {
    const bool nan = (halves[i] & 0x7FFF) > 0x7C00;
    ASSERT_EQ(back[i], nan ? kHalfNan : halves[i]);
  }
}

TEST(Half, SimdEqualsReferenceAtEveryExponentAndTie) {
  const std::vector<float> x = boundary_floats();
  std::vector<uint16_t> h(x.size()), ref(x.size());
  convert_f32_f16__simd(x.data(), x.size(), h.data());
  convert_f32_f16__ref(x.data(), x.size(), ref.data());
  EXPECT_EQ(h, ref);
  const HalfClamped got = convert_f32_f16_clamped__simd(x.data(), x.size(), h.data());
  const HalfClamped want = convert_f32_f16_clamped__ref(x.data(), x.size(), ref.data());
  EXPECT_EQ(h, ref);
  EXPECT_EQ(got.too_large, want.too_large);
  EXPECT_EQ(got.too_small, want.too_small);
}

TEST(Half, SimdEqualsReferenceAtAwkwardLengths) {
  for (std::size_t n : kLengths) {
    for (std::size_t misalignment : kMisalignments) {
      Unaligned x(floats(n, Mix::hostile, n + misalignment), misalignment);
      std::vector<uint8_t> h(2 * n + 1), ref(2 * n + 1);
      convert_f32_f16__simd(x.data(), n, h.data() + 1);
      convert_f32_f16__ref(x.data(), n, ref.data() + 1);
      ASSERT_EQ(h, ref);
      const HalfClamped got = convert_f32_f16_clamped__simd(x.data(), n, h.data() + 1);
      const HalfClamped want = convert_f32_f16_clamped__ref(x.data(), n, ref.data() + 1);
      ASSERT_EQ(h, ref);
      ASSERT_EQ(got.too_large, want.too_large);
      ASSERT_EQ(got.too_small, want.too_small);
      Unaligned wide(std::vector<float>(n), misalignment), wide_ref(std::vector<float>(n), misalignment);
      convert_f16_f32__simd(h.data() + 1, n, wide.data());
      convert_f16_f32__ref(h.data() + 1, n, wide_ref.data());
      ASSERT_EQ(hash(wide.data(), 4 * n), hash(wide_ref.data(), 4 * n));
    }
  }
}

TEST(Half, ClampKeepsFiniteFiniteAndNonZeroNonZero) {
  const std::vector<float> x = {1e6f, -1e6f, 65504.0f, 1e-20f, -1e-20f, 0.0f, -0.0f, kInf, -kInf, 0x1p-24f, 70000.0f};
  std::vector<uint16_t> h(x.size());
  const HalfClamped clamped = convert_f32_f16_clamped(x.data(), x.size(), h.data());
  const std::vector<uint16_t> want = {0x7BFF, 0xFBFF, 0x7BFF, 1, 0x8001, 0, 0x8000, 0x7C00, 0xFC00, 1, 0x7BFF};
  EXPECT_EQ(h, want);
  EXPECT_EQ(clamped.too_large, 3u);
  EXPECT_EQ(clamped.too_small, 2u);
}

TEST(Half, SameBytesInEveryBuild) {
  std::vector<float> x = boundary_floats();
  for (float value : floats(5001, Mix::hostile, 5)) x.push_back(value);
  std::vector<uint16_t> h(x.size());
  convert_f32_f16(x.data(), x.size(), h.data());
  uint64_t seen = hash(h);
  convert_f32_f16_clamped(x.data(), x.size(), h.data());
  seen = hash(h, seen);
  convert_f16_f32(h.data(), h.size(), x.data());
  EXPECT_EQ(hash(x, seen), 0x8233033b9d3108a1u) << std::hex << hash(x, seen);
}

}  // namespace
}  // namespace narrowcast::kernels
