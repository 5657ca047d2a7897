#include "kernels/quantize_block/quantize_block.h"

#include <gtest/gtest.h>

#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

constexpr BlockLayout kLayouts[] = {
    {1, 1, 1, 32},   {3, 64, 1, 32},  {5, 70, 1, 32},  {2, 7, 1, 3},     {1, 64, 40, 32},
    {2, 33, 17, 16}, {1, 100, 3, 32}, {1, 20, 600, 8}, {4, 128, 1, 128}, {2, 5, 5, 100},
};

struct Blocks {
  std::vector<float> scale;
  std::vector<uint8_t> zero_point;
};

TEST(QuantizeBlock, ScalesSimdEqualsReference) {
  for (BlockLayout layout : kLayouts) {
    for (Mix mix : {Mix::ordinary, Mix::hostile}) {
      Unaligned x(floats(layout.elements(), mix, layout.k), layout.k % 4);
      std::vector<float> scale(layout.parameters()), ref(layout.parameters());
      compute_block_scales_f32_i4__simd(x.data(), layout, scale.data());
      compute_block_scales_f32_i4__ref(x.data(), layout, ref.data());
      ASSERT_EQ(bits(scale), bits(ref));
      std::vector<uint8_t> zero(layout.parameters()), zero_ref(layout.parameters());
      compute_block_scales_f32_u4__simd(x.data(), layout, scale.data(), zero.data());
      compute_block_scales_f32_u4__ref(x.data(), layout, ref.data(), zero_ref.data());
      ASSERT_EQ(bits(scale), bits(ref));
      ASSERT_EQ(zero, zero_ref);
      for (float found : scale) ASSERT_TRUE(found > 0 && found <= std::numeric_limits<float>::max());
    }
  }
}

TEST(QuantizeBlock, CodesSimdEqualsReferenceInAnySplit) {
  Random random(7);
  for (BlockLayout layout : kLayouts) {
    for (Mix mix : {Mix::ordinary, Mix::hostile}) {
      const std::size_t n = layout.elements();
      const std::vector<float> x = floats(n, mix, layout.k);
      Blocks blocks{std::vector<float>(layout.parameters()), std::vector<uint8_t>(layout.parameters())};
      std::vector<int8_t> signed_ref(n), signed_parts(n);
      std::vector<uint8_t> ref(n), parts(n);
      compute_block_scales_f32_u4(x.data(), layout, blocks.scale.data(), blocks.zero_point.data());
      quantize_f32_u4_block__ref(x.data(), n, 0, layout, blocks.scale.data(), blocks.zero_point.data(), ref.data());
      quantize_f32_i4_block__ref(x.data(), n, 0, layout, blocks.scale.data(), signed_ref.data());
      for (std::size_t start = 0; start < n;) {
        const std::size_t count = std::min(n - start, random.below(n) + 1);
        quantize_f32_u4_block__simd(x.data() + start, count, start, layout, blocks.scale.data(),
                                    blocks.zero_point.data(), parts.data() + start);
        quantize_f32_i4_block__simd(x.data() + start, count, start, layout, blocks.scale.data(),
                                    signed_parts.data() + start);
        start += count;
      }
      ASSERT_EQ(parts, ref);
      ASSERT_EQ(signed_parts, signed_ref);
    }
  }
}

TEST(QuantizeBlock, Landmarks) {
  const float x[] = {-7, 3.5f, 0, 0, 0.5f, 1.0f};  // blocks of 2: ordinary, degenerate, positive only
  const BlockLayout layout{1, 6, 1, 2};
  float scale[3];
  uint8_t zero_point[3];
  int8_t q[6];
  compute_block_scales_f32_i4(x, layout, scale);
  EXPECT_EQ(scale[0], 1.0f);
  EXPECT_EQ(scale[1], 1.0f);
  EXPECT_EQ(scale[2], static_cast<float>(1.0 / 7.0));
  quantize_f32_i4_block(x, 6, 0, layout, scale, q);
  EXPECT_EQ(q[0], -7);
  EXPECT_EQ(q[1], 4);  // 3.5 to even
  EXPECT_EQ(q[5], 7);
  compute_block_scales_f32_u4(x, layout, scale, zero_point);
  EXPECT_EQ(scale[0], static_cast<float>(10.5 / 15));
  EXPECT_EQ(zero_point[0], 10);
  EXPECT_EQ(scale[1], 1.0f);
  EXPECT_EQ(zero_point[1], 0);
  EXPECT_EQ(zero_point[2], 0);
}

TEST(QuantizeBlock, SameBytesInEveryBuild) {
  uint64_t seen = 0;
  for (BlockLayout layout : kLayouts) {
    const std::size_t n = layout.elements();
    const std::vector<float> x = floats(n, Mix::ordinary, 12);
    Blocks blocks{std::vector<float>(layout.parameters()), std::vector<uint8_t>(layout.parameters())};
    compute_block_scales_f32_u4(x.data(), layout, blocks.scale.data(), blocks.zero_point.data());
    std::vector<uint8_t> q(n);
    quantize_f32_u4_block(x.data(), n, 0, layout, blocks.scale.data(), blocks.zero_point.data(), q.data());
    seen = hash(q, hash(blocks.scale, hash(blocks.zero_point, seen)));
  }
  EXPECT_EQ(seen, 0x973ab203426f89a2u) << std::hex << seen;
}

}  // namespace
}  // namespace narrowcast::kernels
