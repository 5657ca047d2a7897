#include "kernels/dequantize/dequantize.h"

#include <gtest/gtest.h>

#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

#define NC_TYPE(t, T)                                                                \
  struct Type_##t {                                                                  \
    using Code = T;                                                                  \
    static constexpr auto ref = dequantize_##t##_f32__ref;                           \
    static constexpr auto simd = dequantize_##t##_f32__simd;                         \
    static constexpr auto ref_per_channel = dequantize_##t##_f32_per_channel__ref;   \
    static constexpr auto simd_per_channel = dequantize_##t##_f32_per_channel__simd; \
    static constexpr auto ref_block = dequantize_##t##_f32_block__ref;               \
    static constexpr auto simd_block = dequantize_##t##_f32_block__simd;             \
  };
NC_TYPE(i8, int8_t)
NC_TYPE(u8, uint8_t)
NC_TYPE(i16, int16_t)
NC_TYPE(u16, uint16_t)

template <typename Type>
class DequantizeTest : public testing::Test {};
using Types = testing::Types<Type_i8, Type_u8, Type_i16, Type_u16>;
TYPED_TEST_SUITE(DequantizeTest, Types);

template <typename T>
std::vector<T> codes(std::size_t n) {
  Random random(n);
  std::vector<T> made(n);
  for (T& code : made) code = static_cast<T>(random.next());
  return made;
}

TYPED_TEST(DequantizeTest, SimdEqualsReference) {
  for (std::size_t n : kLengths) {
    for (std::size_t misalignment : kMisalignments) {
      const auto q = codes<typename TypeParam::Code>(n);
      Unaligned x(std::vector<float>(n), misalignment), ref(std::vector<float>(n), misalignment);
      for (double scale : {0.0123, 1.0, 0x1p-126, 1e36}) {
        TypeParam::simd(q.data(), n, scale, 85, x.data());
        TypeParam::ref(q.data(), n, scale, 85, ref.data());
        ASSERT_EQ(hash(x.data(), 4 * n), hash(ref.data(), 4 * n));
      }
    }
  }
}

TYPED_TEST(DequantizeTest, PerChannelSimdEqualsReferenceInAnySplit) {
  Random random(3);
  for (ChannelLayout layout : {ChannelLayout{1, 1}, {3, 1}, {700, 1}, {5, 100}, {64, 9}, {40, 31}}) {
    const std::size_t n = layout.channels * layout.inner * 3;
    const auto q = codes<typename TypeParam::Code>(n);
    std::vector<double> scale(layout.channels);
    std::vector<int32_t> zero_point(layout.channels);
    for (std::size_t c = 0; c < layout.channels; ++c) {
      scale[c] = static_cast<double>(1 + random.below(1000)) / 77;
      zero_point[c] = static_cast<int32_t>(random.below(200)) - 100;
    }
    for (const int32_t* zero : {static_cast<const int32_t*>(zero_point.data()), static_cast<const int32_t*>(nullptr)}) {
      std::vector<float> x(n), ref(n);
      TypeParam::ref_per_channel(q.data(), n, 0, layout, {scale.data(), zero}, ref.data());
      for (std::size_t start = 0; start < n;) {
        const std::size_t count = std::min(n - start, random.below(n) + 1);
        TypeParam::simd_per_channel(q.data() + start, count, start, layout, {scale.data(), zero}, x.data() + start);
        start += count;
      }
      ASSERT_EQ(bits(x), bits(ref)) << layout.channels << " " << layout.inner;
    }
  }
}

TYPED_TEST(DequantizeTest, BlockSimdEqualsReferenceInAnySplit) {
  Random random(3);
  for (BlockLayout layout : {BlockLayout{1, 1, 1, 4}, {3, 70, 1, 32}, {2, 33, 17, 16}, {1, 20, 600, 8}}) {
    const std::size_t n = layout.elements();
    const auto q = codes<typename TypeParam::Code>(n);
    std::vector<float> scale(layout.parameters());
    std::vector<uint8_t> zero_point(layout.parameters());
    for (std::size_t i = 0; i < scale.size(); ++i) {
      scale[i] = 0.01f * static_cast<float>(1 + random.below(100));
      zero_point[i] = static_cast<uint8_t>(random.below(16));
    }
    for (const uint8_t* zero : {static_cast<const uint8_t*>(zero_point.data()), static_cast<const uint8_t*>(nullptr)}) {
      std::vector<float> x(n), ref(n);
      TypeParam::ref_block(q.data(), n, 0, layout, scale.data(), zero, ref.data());
      for (std::size_t start = 0; start < n;) {
        const std::size_t count = std::min(n - start, random.below(n) + 1);
        TypeParam::simd_block(q.data() + start, count, start, layout, scale.data(), zero, x.data() + start);
        start += count;
      }
      ASSERT_EQ(bits(x), bits(ref));
    }
  }
}

}  // namespace
}  // namespace narrowcast::kernels
