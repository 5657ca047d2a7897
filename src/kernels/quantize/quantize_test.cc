#include "kernels/quantize/quantize.h"

#include <gtest/gtest.h>

#include "kernels/quantize/quantize_one.h"
#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr CodeSpec kOrt{kI8, Rounding::float32_half_even};
constexpr CodeSpec kTflite{kI8Narrow, Rounding::float64_half_away};

// The four code types behind one name.
#define NC_TYPE(t, T)                                                                              \
  struct Type_##t {                                                                                \
    using Code = T;                                                                                \
    static constexpr auto ref = quantize_f32_##t##__ref;                                           \
    static constexpr auto simd = quantize_f32_##t##__simd;                                         \
    static constexpr auto ref_per_channel = quantize_f32_##t##_per_channel__ref;                   \
    static constexpr auto simd_per_channel = quantize_f32_##t##_per_channel__simd;                 \
    static constexpr CodeRange full{std::numeric_limits<T>::min(), std::numeric_limits<T>::max()}; \
  };
NC_TYPE(i8, int8_t)
NC_TYPE(u8, uint8_t)
NC_TYPE(i16, int16_t)
NC_TYPE(u16, uint16_t)

template <typename Type>
class QuantizeTest : public testing::Test {};
using Types = testing::Types<Type_i8, Type_u8, Type_i16, Type_u16>;
TYPED_TEST_SUITE(QuantizeTest, Types);

template <typename Type>
std::vector<CodeSpec> specs() {
  std::vector<CodeSpec> all;
  for (Rounding rounding :
       {Rounding::float32_half_even, Rounding::float32_reciprocal_half_even, Rounding::float64_half_away}) {
    all.push_back({Type::full, rounding});
    all.push_back({{Type::full.min + 1, Type::full.max / 2}, rounding});
  }
  return all;
}

TYPED_TEST(QuantizeTest, SimdEqualsReference) {
  for (std::size_t n : kLengths) {
    for (std::size_t misalignment : kMisalignments) {
      for (Mix mix : {Mix::ordinary, Mix::halves, Mix::hostile}) {
        Unaligned x(floats(n, mix, n + misalignment), misalignment);
        for (CodeSpec spec : specs<TypeParam>()) {
          for (double scale : {1.0, 0.5, 2.0, 4.0 / 127, 0x1p-126, 1e-30, 3e38}) {
            const int32_t zero_point = (TypeParam::full.max + TypeParam::full.min + 1) / 2 + static_cast<int>(n % 5);
            std::vector<typename TypeParam::Code> q(n), ref(n);
            TypeParam::simd(x.data(), n, scale, zero_point, spec, q.data());
            TypeParam::ref(x.data(), n, scale, zero_point, spec, ref.data());
            ASSERT_EQ(q, ref) << n << " " << scale << " " << zero_point;
          }
        }
      }
    }
  }
}

struct Channels {
  std::vector<double> scale;
  std::vector<int32_t> zero_point;
  ChannelScales view() const { return {scale.data(), zero_point.empty() ? nullptr : zero_point.data()}; }
};

Channels channels_of(std::size_t n, CodeRange range, bool zero_points) {
  Random random(n);
  Channels made;
  for (std::size_t c = 0; c < n; ++c) {
    made.scale.push_back(0x1p-10 * static_cast<double>(1 + random.below(4000)) / 3);
    if (zero_points) made.zero_point.push_back(range.min + static_cast<int32_t>(random.below(256)));
  }
  return made;
}

TYPED_TEST(QuantizeTest, PerChannelSimdEqualsReference) {
  for (std::size_t channels : {1, 2, 3, 5, 16, 17, 100, 600, 1100}) {
    for (std::size_t inner : {1, 2, 9, 31, 32, 100}) {
      const std::size_t outer = channels * inner > 3000 ? 2 : 5;
      const std::size_t n = outer * channels * inner;
      for (bool zero_points : {false, true}) {
        const Channels made = channels_of(channels, TypeParam::full, zero_points);
        Unaligned x(floats(n, Mix::hostile, n), n % 5);
        for (CodeSpec spec : specs<TypeParam>()) {
          std::vector<typename TypeParam::Code> q(n), ref(n);
          TypeParam::simd_per_channel(x.data(), n, 0, {channels, inner}, made.view(), spec, q.data());
          TypeParam::ref_per_channel(x.data(), n, 0, {channels, inner}, made.view(), spec, ref.data());
          ASSERT_EQ(q, ref) << channels << " " << inner;
        }
      }
    }
  }
}

TYPED_TEST(QuantizeTest, AnySplitGivesTheCodesOfTheWhole) {
  Random random(9);
  for (ChannelLayout layout : {ChannelLayout{3, 1}, {700, 1}, {5, 100}, {64, 9}, {40, 31}}) {
    const std::size_t n = layout.channels * layout.inner * 4;
    const Channels made = channels_of(layout.channels, TypeParam::full, true);
    const std::vector<float> x = floats(n, Mix::halves, 1);
    for (CodeSpec spec : specs<TypeParam>()) {
      std::vector<typename TypeParam::Code> whole(n), parts(n);
      TypeParam::ref_per_channel(x.data(), n, 0, layout, made.view(), spec, whole.data());
      for (std::size_t start = 0; start < n;) {
        const std::size_t count = std::min(n - start, random.below(n / 3) + 1);
        TypeParam::simd_per_channel(x.data() + start, count, start, layout, made.view(), spec, parts.data() + start);
        start += count;
      }
      ASSERT_EQ(parts, whole) << layout.channels << " " << layout.inner;
    }
  }
}

int one(float x, double scale, int32_t zero_point, CodeSpec spec) {
  int8_t q[16];
  const std::vector<float> same(16, x);
  quantize_f32_i8(same.data(), 16, scale, zero_point, spec, q);
  EXPECT_EQ(q[0], quantize_one(x, scale, zero_point, spec));
  return q[0];
}

TEST(Quantize, TiesGoToEvenOrAway) {
  EXPECT_EQ(one(0.5f, 1, 0, kOrt), 0);
  EXPECT_EQ(one(1.5f, 1, 0, kOrt), 2);
  EXPECT_EQ(one(2.5f, 1, 0, kOrt), 2);
  EXPECT_EQ(one(-2.5f, 1, 0, kOrt), -2);
  EXPECT_EQ(one(0.5f, 1, 0, kTflite), 1);
  EXPECT_EQ(one(2.5f, 1, 0, kTflite), 3);
  EXPECT_EQ(one(-2.5f, 1, 0, kTflite), -3);
  EXPECT_EQ(one(0.49999997f, 1, 0, kTflite), 0);
  // The rounding comes after the zero point in the tflite formula, before it in ort's.
  EXPECT_EQ(one(-0.5f, 1, 1, kTflite), 1);
  EXPECT_EQ(one(-0.5f, 1, 1, kOrt), 1);
}

TEST(Quantize, NanIsZeroAndInfinitiesSaturate) {
  for (CodeSpec spec : {kOrt, kTflite}) {
    EXPECT_EQ(one(kNan, 0.1, -43, spec), -43);
    EXPECT_EQ(one(kInf, 0.1, -43, spec), spec.range.max);
    EXPECT_EQ(one(-kInf, 0.1, -43, spec), spec.range.min);
    EXPECT_EQ(one(3e38f, 0x1p-126, 5, spec), spec.range.max);
    EXPECT_EQ(one(-0.0f, 0.1, 7, spec), 7);
  }
}

TEST(Quantize, DivisionIsNotMultiplicationByTheInverse) {
  // float32: 0.3 / 0.2 is a little above 1.5 (2 either way); 1.05 / 0.3 = 3.5000002 rounds up where 1.05 * (1 / 0.3)
  // = 3.4999998 would not.
  const auto expect = [](float x, float scale) {
    EXPECT_EQ(one(x, static_cast<double>(scale), 0, kOrt), static_cast<int>(math::round_half_even(x / scale)));
  };
  Random random(4);
  for (int i = 0; i < 20000; ++i) {
    const float scale = (random.uniform() + 1.5f) * 0.1f;
    expect((static_cast<float>(static_cast<int>(random.below(200)) - 100) + 0.5f) * scale, scale);
  }
}

TEST(Quantize, SameBytesInEveryBuild) {
  const std::vector<float> x = floats(4099, Mix::hostile, 42);
  const std::vector<float> y = floats(4099, Mix::halves, 43);
  std::vector<int8_t> q(4099);
  uint64_t seen = 0;
  for (CodeSpec spec : {kOrt, kTflite}) {
    for (const auto* from : {&x, &y}) {
      for (double scale : {0.0123, 0.25, 1.7}) {
        quantize_f32_i8(from->data(), q.size(), scale, -3, spec, q.data());
        seen = hash(q, seen);
      }
      const Channels made = channels_of(37, kI8, true);
      quantize_f32_i8_per_channel(from->data(), q.size(), 11, {37, 1}, made.view(), spec, q.data());
      seen = hash(q, seen);
    }
  }
  EXPECT_EQ(seen, 0x5e207023b65037f7u) << std::hex << seen;
}

}  // namespace
}  // namespace narrowcast::kernels
