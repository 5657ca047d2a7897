#include "kernels/reduce/reduce.h"

#include <gtest/gtest.h>

#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

constexpr ReduceKind kKinds[] = {ReduceKind::sum,  ReduceKind::mean,       ReduceKind::max,    ReduceKind::min,
                                 ReduceKind::prod, ReduceKind::sum_square, ReduceKind::sum_abs};

struct Shape {
  std::size_t outer, n, inner;
};

std::vector<float> run(ReduceF32 f, const std::vector<float>& x, Shape s) {
  std::vector<float> y(s.outer * s.inner);
  f(x.data(), s.outer, s.n, s.inner, y.data());
  return y;
}

std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (std::size_t n : kLengths) all.push_back({2, n, 1});
  for (std::size_t n : {4095, 4096, 4097, 9000}) all.push_back({1, n, 1});
  for (std::size_t n : {0, 1, 2, 5, 255, 256, 257, 600}) {
    for (std::size_t inner : {2, 3, 4, 7, 33}) all.push_back({2, n, inner});
  }
  all.push_back({1, 9, 1024});
  all.push_back({1, 9, 2051});
  return all;
}

TEST(Reduce, SimdEqualsReference) {
  for (ReduceKind kind : kKinds) {
    for (const Shape& s : shapes()) {
      for (Mix mix : {Mix::ordinary, Mix::hostile}) {
        const std::vector<float> x = floats(s.outer * s.n * s.inner, mix, s.n + s.inner);
        ASSERT_EQ(value_bits(run(reduce_f32__simd(kind), x, s)), value_bits(run(reduce_f32__ref(kind), x, s)))
            << static_cast<int>(kind) << ": " << s.outer << " " << s.n << " " << s.inner;
      }
    }
  }
}

TEST(Reduce, MisalignedByOneFloat) {
  const std::vector<float> x = floats(2 * 70 * 6 + 1, Mix::ordinary, 1);
  for (ReduceKind kind : kKinds) {
    for (const Shape& s : {Shape{2, 420, 1}, Shape{2, 70, 6}}) {
      std::vector<float> got(s.outer * s.inner + 1), want(s.outer * s.inner + 1);
      reduce_f32__simd(kind)(x.data() + 1, s.outer, s.n, s.inner, got.data() + 1);
      reduce_f32__ref(kind)(x.data() + 1, s.outer, s.n, s.inner, want.data() + 1);
      ASSERT_EQ(value_bits(got), value_bits(want));
    }
  }
}

TEST(Reduce, NearTheFloat64Sum) {
  for (const Shape& s : {Shape{1, 1000000, 1}, Shape{1, 1000000, 3}}) {
    std::vector<float> x = floats(s.n * s.inner, Mix::ordinary, 5);
    for (float& value : x) value += 4;
    std::vector<double> sums(s.inner), squares(s.inner);
    for (std::size_t i = 0; i < x.size(); ++i) {
      sums[i % s.inner] += x[i];
      squares[i % s.inner] += static_cast<double>(x[i]) * x[i];
    }
    const auto sum = run(reduce_f32(ReduceKind::sum), x, s), mean = run(reduce_f32(ReduceKind::mean), x, s);
    const auto square = run(reduce_f32(ReduceKind::sum_square), x, s);
    for (std::size_t c = 0; c < s.inner; ++c) {
      EXPECT_LE(units_apart(sum[c], sums[c]), s.inner == 1 ? 20 : 200);
      EXPECT_LE(units_apart(square[c], squares[c]), s.inner == 1 ? 20 : 200);
      EXPECT_LE(units_apart(mean[c], sums[c] / 1e6), s.inner == 1 ? 20 : 200);
    }
  }
}

TEST(Reduce, Values) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x{1, -2, 3, -4, 5, -6};
  const auto check = [&](ReduceKind kind, Shape s, const std::vector<float>& want) {
    EXPECT_EQ(run(reduce_f32(kind), x, s), want) << static_cast<int>(kind);
  };
  check(ReduceKind::sum, {2, 3, 1}, {2, -5});
  check(ReduceKind::sum, {1, 3, 2}, {9, -12});
  check(ReduceKind::mean, {1, 3, 2}, {3, -4});
  check(ReduceKind::max, {2, 3, 1}, {3, 5});
  check(ReduceKind::min, {1, 3, 2}, {1, -6});
  check(ReduceKind::prod, {2, 3, 1}, {-6, 120});
  check(ReduceKind::sum_square, {1, 6, 1}, {91});
  check(ReduceKind::sum_abs, {1, 2, 3}, {5, 7, 9});
  check(ReduceKind::sum, {1, 0, 2}, {0, 0});
  check(ReduceKind::mean, {1, 0, 1}, {0});
  check(ReduceKind::prod, {1, 0, 1}, {1});
  check(ReduceKind::max, {1, 0, 2}, {-kInf, -kInf});
  check(ReduceKind::min, {1, 0, 1}, {kInf});
  for (std::size_t place = 0; place < 40; ++place) {
    std::vector<float> row(40, 1.0f);
    row[place] = kNan;
    for (ReduceKind kind : kKinds) {
      const float y = run(reduce_f32(kind), row, {1, 40, 1})[0];
      EXPECT_TRUE(y != y) << static_cast<int>(kind) << " " << place;
    }
  }
}

TEST(Reduce, SameBytesInEveryBuild) {
  const std::vector<float> x = floats(3 * 5000 * 7, Mix::ordinary, 9);
  uint64_t all = 0;
  for (ReduceKind kind : kKinds) {
    all = all * 31 + value_hash(run(reduce_f32(kind), x, {21, 5000, 1}));
    all = all * 31 + value_hash(run(reduce_f32(kind), x, {3, 5000, 7}));
  }
  EXPECT_EQ(all, 0xe4b954cfc3e89022u) << std::hex << all;
}

}  // namespace
}  // namespace narrowcast::kernels
