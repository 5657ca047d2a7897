#include "kernels/bias/bias.h"

#include <gtest/gtest.h>

#include <limits>

#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(Bias, TiesNanAndSaturation) {
  const std::vector<float> x = {0.5f, 2.5f, -2.5f, 1e20f, -kInf, std::numeric_limits<float>::quiet_NaN()};
  const double one = 1;
  test::Unaligned data(x, 1);
  std::vector<int32_t> q(6);
  EXPECT_EQ(quantize_bias_f32_i32(data.data(), 6, &one, 1, Formula::ort, q.data()), 2u);
  EXPECT_EQ(q, (std::vector<int32_t>{0, 2, -2, 2147483647, std::numeric_limits<int32_t>::min(), 0}));
  EXPECT_EQ(quantize_bias_f32_i32(data.data(), 6, &one, 1, Formula::tflite, q.data()), 2u);
  EXPECT_EQ(q, (std::vector<int32_t>{1, 3, -3, 2147483647, -2147483647, 0}));
  std::vector<int64_t> wide(6);
  EXPECT_EQ(quantize_bias_f32_i64(data.data(), 6, &one, 1, Formula::tflite, wide.data()), 2u);
  EXPECT_EQ(wide[3], int64_t{1} << 62);
}

TEST(Bias, AScaleForEach) {
  const float x[] = {1, 1, 1};
  const double scale[] = {0.5, 0.25, 1e-9};
  int32_t q[3];
  EXPECT_EQ(quantize_bias_f32_i32(x, 3, scale, 3, Formula::tflite, q), 0u);
  EXPECT_EQ(q[0], 2);
  EXPECT_EQ(q[1], 4);
  EXPECT_EQ(q[2], 1000000000);
  EXPECT_EQ(bias_scale_ort(0.1f, 0.3f), 0.1f * 0.3f);
}

}  // namespace
}  // namespace narrowcast::kernels
