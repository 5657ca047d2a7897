#include "kernels/softmax/softmax.h"

#include <gtest/gtest.h>

#include "base/math/exp.h"
#include "base/math/log.h"
#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

struct Shape {
  std::size_t outer, n, inner;
};

std::vector<float> run(SoftmaxF32 f, const std::vector<float>& x, Shape s) {
  std::vector<float> y(x.size());
  f(x.data(), s.outer, s.n, s.inner, y.data());
  return y;
}

TEST(Softmax, SimdEqualsReference) {
  std::vector<Shape> shapes{{1, 4100, 1}, {2, 300, 5}, {1, 3, 600}, {2, 0, 3}};
  for (std::size_t n : kLengths) shapes.insert(shapes.end(), {{3, n, 1}, {2, n, 2}, {1, n, 7}});
  for (const Shape& s : shapes) {
    for (Mix mix : {Mix::ordinary, Mix::hostile}) {
      std::vector<float> x = floats(s.outer * s.n * s.inner, mix, s.n + s.inner);
      const auto want = value_bits(run(softmax_f32__ref, x, s)), logs = value_bits(run(log_softmax_f32__ref, x, s));
      ASSERT_EQ(value_bits(run(softmax_f32__simd, x, s)), want) << s.outer << " " << s.n << " " << s.inner;
      ASSERT_EQ(value_bits(run(log_softmax_f32__simd, x, s)), logs) << s.outer << " " << s.n << " " << s.inner;
      std::vector<float> y = x;
      softmax_f32__simd(y.data(), s.outer, s.n, s.inner, y.data());
      log_softmax_f32__simd(x.data(), s.outer, s.n, s.inner, x.data());
      ASSERT_EQ(value_bits(y), want) << "in place";
      ASSERT_EQ(value_bits(x), logs) << "in place";
    }
  }
}

TEST(Softmax, NearTheFloat64Result) {
  for (const Shape& s : {Shape{3, 1000, 1}, Shape{2, 100, 10}}) {
    std::vector<float> x = floats(s.outer * s.n * s.inner, Mix::ordinary, 2);
    for (float& value : x) value *= 5;
    const auto y = run(softmax_f32, x, s), logs = run(log_softmax_f32, x, s);
    for (std::size_t o = 0; o < s.outer; ++o) {
      for (std::size_t i = 0; i < s.inner; ++i) {
        const std::size_t first = o * s.n * s.inner + i;
        double sum = 0;
        for (std::size_t k = 0; k < s.n; ++k) sum += math::exp(x[first + k * s.inner]);
        for (std::size_t k = 0; k < s.n; ++k) {
          const std::size_t at = first + k * s.inner;
          ASSERT_LE(units_apart(y[at], math::exp(x[at]) / sum), 40);  // the float distance to the maximum tells
          ASSERT_NEAR(logs[at], x[at] - math::log(sum), 1e-5);
        }
      }
    }
  }
}

TEST(Softmax, SpecialValues) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> nans{kNan, kNan};
  for (const Shape& s : {Shape{1, 2, 1}, Shape{1, 1, 2}}) {
    for (auto* f : {softmax_f32__simd, log_softmax_f32__simd}) {
      EXPECT_EQ(value_bits(run(f, {-kInf, -kInf}, s)), value_bits(nans));
      EXPECT_EQ(value_bits(run(f, {kNan, kNan}, s)), value_bits(nans));
    }
  }
  EXPECT_EQ(value_bits(run(softmax_f32, {1, kNan}, {1, 2, 1})), value_bits(nans));
  EXPECT_EQ(run(softmax_f32, {-kInf, 5}, {1, 2, 1}), (std::vector<float>{0, 1}));
  EXPECT_EQ(run(log_softmax_f32, {1000, 0}, {1, 2, 1}), (std::vector<float>{0, -1000}));
  EXPECT_EQ(run(softmax_f32, {7, 7, 7, 7}, {1, 4, 1}), (std::vector<float>{0.25f, 0.25f, 0.25f, 0.25f}));
}

TEST(Softmax, SameBytesInEveryBuild) {
  const std::vector<float> x = floats(5000 * 6, Mix::ordinary, 9);
  uint64_t all = 0;
  for (auto* f : {softmax_f32__simd, log_softmax_f32__simd}) {
    for (const Shape& s : {Shape{6, 5000, 1}, Shape{30, 1000, 1}, Shape{2, 3000, 5}}) {
      all = all * 31 + value_hash(run(f, x, s));
    }
  }
  EXPECT_EQ(all, 0x15fbd3d02119b328u) << std::hex << all;
}

}  // namespace
}  // namespace narrowcast::kernels
