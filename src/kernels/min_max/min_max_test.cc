#include "kernels/min_max/min_max.h"

#include <gtest/gtest.h>

#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

constexpr float kInf = std::numeric_limits<float>::infinity();

void expect_same(const MinMax& a, const MinMax& b) {
  EXPECT_EQ(std::bit_cast<uint32_t>(a.min), std::bit_cast<uint32_t>(b.min));
  EXPECT_EQ(std::bit_cast<uint32_t>(a.max), std::bit_cast<uint32_t>(b.max));
  EXPECT_EQ(a.nan_count, b.nan_count);
  EXPECT_EQ(a.inf_count, b.inf_count);
}

TEST(MinMax, SimdEqualsReference) {
  for (std::size_t n : kLengths) {
    for (std::size_t misalignment : kMisalignments) {
      for (Mix mix : {Mix::ordinary, Mix::halves, Mix::hostile}) {
        Unaligned x(floats(n, mix, n), misalignment);
        expect_same(min_max_f32__simd(x.data(), n), min_max_f32__ref(x.data(), n));
      }
    }
  }
}

TEST(MinMax, EmptyAndNothingButNan) {
  EXPECT_TRUE(min_max_f32(nullptr, 0).empty());
  const std::vector<float> nan(21, std::numeric_limits<float>::quiet_NaN());
  const MinMax found = min_max_f32(nan.data(), nan.size());
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(found.min, kInf);
  EXPECT_EQ(found.max, -kInf);
  EXPECT_EQ(found.nan_count, 21u);
}

TEST(MinMax, ZeroIsPositiveAndInfinitiesCount) {
  for (std::size_t n : {1, 4, 40}) {
    const std::vector<float> zeros(n, -0.0f);
    const MinMax found = min_max_f32(zeros.data(), n);
    EXPECT_EQ(std::bit_cast<uint32_t>(found.min), 0u);
    EXPECT_EQ(std::bit_cast<uint32_t>(found.max), 0u);
  }
  const float values[] = {1, -kInf, 2, kInf, kInf, 3};
  const MinMax found = min_max_f32(values, 6);
  EXPECT_EQ(found.min, -kInf);
  EXPECT_EQ(found.max, kInf);
  EXPECT_EQ(found.inf_count, 3u);
  const std::vector<float> same(9, kInf);
  EXPECT_EQ(min_max_f32(same.data(), 9).inf_count, 9u);
}

TEST(MinMax, ChunksMerge) {
  const std::vector<float> x = floats(1000, Mix::hostile, 3);
  const MinMax whole = min_max_f32(x.data(), 1000);
  expect_same(merge(min_max_f32(x.data(), 333), min_max_f32(x.data() + 333, 667)), whole);
}

TEST(MinMax, PerChannelSimdEqualsReference) {
  for (std::size_t channels : {1, 2, 3, 4, 5, 8, 12, 15, 16, 17, 33, 300}) {
    for (std::size_t inner : {1, 2, 9, 16, 65}) {
      for (std::size_t outer : {0, 1, 2, 3, 5, 19, 70}) {
        for (Mix mix : {Mix::ordinary, Mix::hostile}) {
          Unaligned x(floats(outer * channels * inner, mix, channels + inner), channels % 4);
          std::vector<float> mins(channels), maxs(channels), ref_mins(channels), ref_maxs(channels);
          const ChannelLayout layout{channels, inner};
          const NonFinite got = min_max_f32_per_channel__simd(x.data(), outer, layout, mins.data(), maxs.data());
          const NonFinite want =
              min_max_f32_per_channel__ref(x.data(), outer, layout, ref_mins.data(), ref_maxs.data());
          ASSERT_EQ(bits(mins), bits(ref_mins)) << outer << " " << channels << " " << inner;
          ASSERT_EQ(bits(maxs), bits(ref_maxs)) << outer << " " << channels << " " << inner;
          ASSERT_EQ(got.nan_count, want.nan_count);
          ASSERT_EQ(got.inf_count, want.inf_count);
        }
      }
    }
  }
}

TEST(MinMax, ColumnsSimdEqualsReference) {
  for (std::size_t width : {0, 1, 3, 4, 7, 16, 31}) {
    for (std::size_t rows : {0, 1, 4, 9, 50}) {
      const std::size_t stride = width + 3;
      Unaligned x(floats(rows * stride, Mix::hostile, width), 1);
      std::vector<float> mins(width), maxs(width), ref_mins(width), ref_maxs(width);
      const NonFinite got = min_max_f32_columns__simd(x.data(), rows, width, stride, mins.data(), maxs.data());
      const NonFinite want = min_max_f32_columns__ref(x.data(), rows, width, stride, ref_mins.data(), ref_maxs.data());
      EXPECT_EQ(bits(mins), bits(ref_mins));
      EXPECT_EQ(bits(maxs), bits(ref_maxs));
      EXPECT_EQ(got.nan_count, want.nan_count);
      EXPECT_EQ(got.inf_count, want.inf_count);
    }
  }
}

}  // namespace
}  // namespace narrowcast::kernels
