#include "kernels/resize/resize.h"

#include <gtest/gtest.h>

#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

// Tables of an axis with any indices and weights, hostile ones among them.
struct Tables {
  std::vector<int32_t> index;
  std::vector<float> weight;
  ResizeAxis axis;

  Tables(std::size_t n, std::size_t out, std::size_t taps, uint64_t seed)
      : weight(floats(out * taps, Mix::ordinary, seed)) {
    Random random(seed);
    for (std::size_t i = 0; i < out * taps; ++i) index.push_back(static_cast<int32_t>(random.below(n)));
    axis = {n, out, taps, index.data(), weight.data()};
  }
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;
};

TEST(Resize, AxisSimdEqualsReference) {
  for (std::size_t inner : {1, 2, 4, 5, 16, 35}) {
    for (std::size_t taps : {1, 2, 4, 7}) {
      const Tables t(6, 9, taps, inner);
      const std::vector<float> x = floats(3 * 6 * inner, inner % 2 == 1 ? Mix::hostile : Mix::ordinary, taps);
      std::vector<float> y(3 * 9 * inner), ref(y.size());
      resize_axis_f32__simd(x.data(), 3, inner, t.axis, y.data());
      resize_axis_f32__ref(x.data(), 3, inner, t.axis, ref.data());
      ASSERT_EQ(value_bits(y), value_bits(ref)) << inner << " " << taps;
    }
  }
}

TEST(Resize, ImagesSimdEqualsReference) {
  for (std::size_t channels : {1, 3, 4, 6, 16, 33}) {
    for (Mix mix : {Mix::ordinary, Mix::hostile}) {
      const Tables height(5, 8, 2, channels), width(7, 6, 2, channels + 1);
      const ResizeImage p{2, channels, height.axis, width.axis};
      const std::vector<float> x = floats(2 * 5 * 7 * channels, mix, channels);
      std::vector<float> y(2 * 8 * 6 * channels), ref(y.size()), lines(2 * 5 * 6 * channels);
      resize_bilinear_f32__simd(x.data(), p, y.data());
      resize_bilinear_f32__ref(x.data(), p, ref.data());
      ASSERT_EQ(value_bits(y), value_bits(ref)) << channels;
      resize_axis_f32(x.data(), 2 * 5, channels, width.axis, lines.data());
      resize_axis_f32(lines.data(), 2, 6 * channels, height.axis, y.data());
      ASSERT_EQ(value_bits(y), value_bits(ref)) << "axis by axis, " << channels;
      resize_nearest_f32__simd(x.data(), p, y.data());
      resize_nearest_f32__ref(x.data(), p, ref.data());
      ASSERT_EQ(value_bits(y), value_bits(ref)) << channels;
    }
  }
}

TEST(Resize, Values) {
  // Twice as many of 0, 4 at half-pixel places: a quarter and three quarters inwards, the borders repeated.
  const int32_t index[] = {0, 0, 0, 1, 0, 1, 1, 1};
  const float weight[] = {0.25f, 0.75f, 0.75f, 0.25f, 0.25f, 0.75f, 0.75f, 0.25f};
  const ResizeAxis axis{2, 4, 2, index, weight};
  const float x[] = {0, 4, 8, 12};
  std::vector<float> y(8);
  resize_axis_f32(x, 2, 1, axis, y.data());
  EXPECT_EQ(y, (std::vector<float>{0, 1, 3, 4, 8, 9, 11, 12}));
  const int32_t rows[] = {0, 0, 1, 1}, columns[] = {1, 0, 1};
  const ResizeImage p{1, 1, {2, 4, 1, rows, nullptr}, {2, 3, 1, columns, nullptr}};
  y.resize(12);
  resize_nearest_f32(x, p, y.data());
  EXPECT_EQ(y, (std::vector<float>{4, 0, 4, 4, 0, 4, 12, 8, 12, 12, 8, 12}));
}

TEST(Resize, SameBytesInEveryBuild) {
  const Tables height(20, 31, 2, 1), width(17, 40, 2, 2), cubic(20, 31, 4, 3);
  const std::vector<float> x = floats(20 * 17 * 5, Mix::ordinary, 1);
  std::vector<float> y(31 * 40 * 5), z(31 * 17 * 5);
  resize_bilinear_f32(x.data(), {1, 5, height.axis, width.axis}, y.data());
  resize_axis_f32(x.data(), 1, 17 * 5, cubic.axis, z.data());
  const uint64_t all = value_hash(y) * 31 + value_hash(z);
  EXPECT_EQ(all, 0xeecab158cb069616u) << std::hex << all;
}

}  // namespace
}  // namespace narrowcast::kernels
