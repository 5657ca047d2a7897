#include "kernels/pool/pool.h"

#include <gtest/gtest.h>

#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

constexpr PoolAxis kAxes[] = {
    {.in = 8, .out = 4, .kernel = 2, .stride = 2},
    {.in = 7, .out = 7, .kernel = 3, .stride = 1, .pad_begin = 1, .pad_end = 1},
    {.in = 9, .out = 5, .kernel = 3, .stride = 2, .pad_begin = 1, .pad_end = 1},
    {.in = 6, .out = 4, .kernel = 3, .stride = 2, .pad_begin = 1, .pad_end = 1},  // rounded up: beyond the padding
    {.in = 9, .out = 9, .kernel = 5, .stride = 1, .pad_begin = 2, .pad_end = 2},
    {.in = 10, .out = 6, .kernel = 3, .stride = 1, .dilation = 2},
    {.in = 5, .out = 3, .kernel = 3, .stride = 2, .dilation = 3, .pad_begin = 3, .pad_end = 3},
    {.in = 1, .out = 1, .kernel = 1},
    {.in = 4, .out = 1, .kernel = 4},
};

std::size_t in_size(const Pool2d& p) { return p.batch * p.y.in * p.x.in * p.channels; }
std::size_t out_size(const Pool2d& p) { return p.batch * p.y.out * p.x.out * p.channels; }

TEST(Pool, SimdEqualsReference) {
  for (const PoolAxis& vertical : kAxes) {
    for (const PoolAxis& horizontal : kAxes) {
      for (std::size_t channels : {1, 3, 4, 6, 16, 23, 36}) {
        for (Mix mix : {Mix::ordinary, Mix::hostile}) {
          Pool2d p{.batch = 2, .channels = channels, .y = vertical, .x = horizontal};
          if (channels == 6) p.lo = 0, p.hi = 1.5f;
          const std::vector<float> x = floats(in_size(p), mix, channels);
          std::vector<float> y(out_size(p)), ref(out_size(p)), scratch(p.y.in * p.x.out * channels);
          max_pool_f32__ref(x.data(), p, ref.data());
          max_pool_f32__simd(x.data(), p, y.data());
          ASSERT_EQ(value_bits(y), value_bits(ref));
          max_pool_separable_f32(x.data(), p, y.data(), scratch.data());
          ASSERT_EQ(value_bits(y), value_bits(ref)) << "separable";
          for (bool count_pads : {false, true}) {
            average_pool_f32__ref(x.data(), p, count_pads, ref.data());
            average_pool_f32__simd(x.data(), p, count_pads, y.data());
            ASSERT_EQ(value_bits(y), value_bits(ref)) << count_pads;
          }
        }
      }
    }
  }
}

TEST(Pool, EqualZerosKeepTheFirstInBothOrders) {
  const Pool2d p{.channels = 4, .y = kAxes[4], .x = kAxes[4]};
  Random random(3);
  std::vector<float> x(in_size(p));
  for (float& value : x) value = random.below(2) == 0 ? 0.0f : -0.0f;
  std::vector<float> y(out_size(p)), ref(out_size(p)), scratch(9 * 9 * 4);
  max_pool_f32__ref(x.data(), p, ref.data());
  max_pool_separable_f32(x.data(), p, y.data(), scratch.data());
  EXPECT_EQ(bits(y), bits(ref));
}

TEST(Pool, DivisorsCountPaddingButNotWhatLiesBeyond) {
  // 1 2 3 4 5 6, window 3, stride 2, one zero on each side, output size rounded up: 4 windows.
  const std::vector<float> x{1, 2, 3, 4, 5, 6};
  const Pool2d p{.y = {}, .x = kAxes[3]};
  std::vector<float> y(4);
  average_pool_f32(x.data(), p, false, y.data());
  EXPECT_EQ(y, (std::vector<float>{1.5f, 3, 5, 6}));
  average_pool_f32(x.data(), p, true, y.data());
  EXPECT_EQ(y, (std::vector<float>{1, 3, 5, 3}));
}

TEST(Pool, IndicesPointAtTheMaxima) {
  const Pool2d p{.batch = 2, .channels = 3, .y = kAxes[2], .x = kAxes[1]};
  const std::vector<float> x = floats(in_size(p), Mix::ordinary, 4);
  std::vector<float> y(out_size(p)), ref(out_size(p));
  std::vector<int64_t> rows(out_size(p)), columns(out_size(p));
  max_pool_with_indices_f32(x.data(), p, false, y.data(), rows.data());
  max_pool_with_indices_f32(x.data(), p, true, y.data(), columns.data());
  max_pool_f32(x.data(), p, ref.data());
  EXPECT_EQ(y, ref);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const auto image = static_cast<std::size_t>(rows[i]) / (p.channels * p.y.in * p.x.in);
    const auto c = static_cast<std::size_t>(rows[i]) / (p.y.in * p.x.in) % p.channels;
    const auto row = static_cast<std::size_t>(rows[i]) / p.x.in % p.y.in;
    const auto column = static_cast<std::size_t>(rows[i]) % p.x.in;
    EXPECT_EQ(c, i % p.channels);
    EXPECT_EQ(x[((image * p.y.in + row) * p.x.in + column) * p.channels + c], y[i]);
    EXPECT_EQ(columns[i], static_cast<int64_t>(((image * p.channels + c) * p.x.in + column) * p.y.in + row));
  }
}

TEST(Pool, SpecialValues) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const Pool2d p{.y = {}, .x = {.in = 6, .out = 3, .kernel = 2, .stride = 2}};
  const std::vector<float> x{kNan, 1, 2, kNan, kNan, kNan};
  std::vector<float> y(3);
  std::vector<int64_t> indices(3);
  max_pool_f32(x.data(), p, y.data());
  EXPECT_EQ(y, (std::vector<float>{1, 2, -kInf}));
  max_pool_with_indices_f32(x.data(), p, false, y.data(), indices.data());
  EXPECT_EQ(value_bits(y), value_bits({kNan, 2, kNan}));
  EXPECT_EQ(indices, (std::vector<int64_t>{0, 2, 4}));
  average_pool_f32(x.data(), p, false, y.data());
  EXPECT_EQ(value_bits(y), value_bits({kNan, kNan, kNan}));
}

TEST(Pool, SameBytesInEveryBuild) {
  const Pool2d p{.batch = 2, .channels = 21, .y = kAxes[4], .x = kAxes[2]};
  const std::vector<float> x = floats(in_size(p), Mix::hostile, 4);
  std::vector<float> y(out_size(p));
  max_pool_f32(x.data(), p, y.data());
  uint64_t all = value_hash(y);
  average_pool_f32(x.data(), p, true, y.data());
  all = all * 31 + value_hash(y);
  EXPECT_EQ(all, 0x7d86b0eca84ddb60u) << std::hex << all;
}

}  // namespace
}  // namespace narrowcast::kernels
