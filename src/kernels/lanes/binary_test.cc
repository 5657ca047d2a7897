#include "kernels/lanes/binary.h"

#include <gtest/gtest.h>

#include "base/math/pow.h"
#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

constexpr BinaryKind kKinds[] = {
#define NC_ENTRY(name) BinaryKind::name,
    NC_BINARY_KINDS_WITH_LANES(NC_ENTRY)
#undef NC_ENTRY
        BinaryKind::pow};
constexpr float kExponents[] = {1, 2, 3, -1, 0.5f, 0, -0.0f, 1.7f, -2, 0.25f};

std::vector<float> run(BinaryF32 f, const std::vector<float>& a, const std::vector<float>& b, std::size_t n) {
  std::vector<float> y(n);
  f(a.data(), b.data(), y.data(), n);
  return y;
}

// Every form, also into either operand, against the reference applied to operands spelled out.
void check_forms(BinaryKind kind, const std::vector<float>& a, const std::vector<float>& b) {
  const std::size_t n = a.size();
  const BinaryForms ref = binary_f32__ref(kind);
  const BinaryForms simd = binary_f32__simd(kind);
  const auto want = value_bits(run(ref.vector_vector, a, b, n));
  ASSERT_EQ(value_bits(run(simd.vector_vector, a, b, n)), want) << name_of(kind) << " " << n;
  std::vector<float> into_a = a, into_b = b;
  simd.vector_vector(into_a.data(), b.data(), into_a.data(), n);
  simd.vector_vector(a.data(), into_b.data(), into_b.data(), n);
  ASSERT_EQ(value_bits(into_a), want) << name_of(kind) << " in place, " << n;
  ASSERT_EQ(value_bits(into_b), want) << name_of(kind) << " in place, " << n;
  if (n == 0) return;
  for (const std::vector<float>& one : {std::vector<float>{b[0]}, std::vector<float>{b[n / 2]}}) {
    const std::vector<float> spread(n, one[0]);
    const auto right = value_bits(run(ref.vector_vector, a, spread, n));
    const auto left = value_bits(run(ref.vector_vector, spread, a, n));
    ASSERT_EQ(value_bits(run(simd.vector_scalar, a, one, n)), right) << name_of(kind) << " " << n << " " << one[0];
    ASSERT_EQ(value_bits(run(ref.vector_scalar, a, one, n)), right) << name_of(kind) << " " << n;
    ASSERT_EQ(value_bits(run(simd.scalar_vector, one, a, n)), left) << name_of(kind) << " " << n << " " << one[0];
    ASSERT_EQ(value_bits(run(ref.scalar_vector, one, a, n)), left) << name_of(kind) << " " << n;
    std::vector<float> in_place = a;
    simd.vector_scalar(in_place.data(), one.data(), in_place.data(), n);
    ASSERT_EQ(value_bits(in_place), right) << name_of(kind) << " in place, " << n;
  }
}

TEST(BinaryLanes, SimdEqualsReferenceInEveryForm) {
  for (BinaryKind kind : kKinds) {
    for (std::size_t n : kLengths) {
      check_forms(kind, floats(n, Mix::hostile, n + 1), floats(n, Mix::hostile, n + 2));
      check_forms(kind, floats(n, Mix::ordinary, n + 3), floats(n, Mix::ordinary, n + 4));
    }
  }
  for (float exponent : kExponents) {
    check_forms(BinaryKind::pow, floats(33, Mix::hostile, 5), std::vector<float>(33, exponent));
  }
}

TEST(BinaryLanes, MisalignedByOneFloat) {
  const std::vector<float> a = floats(1001, Mix::ordinary, 1), b = floats(1002, Mix::ordinary, 2);
  for (BinaryKind kind : kKinds) {
    std::vector<float> got(1000), want(1000);
    binary_f32__simd(kind).vector_vector(a.data() + 1, b.data() + 2, got.data(), 1000);
    binary_f32__ref(kind).vector_vector(a.data() + 1, b.data() + 2, want.data(), 1000);
    ASSERT_EQ(value_bits(got), value_bits(want)) << name_of(kind);
  }
}

TEST(BinaryLanes, Values) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const auto check = [](BinaryKind kind, const std::vector<float>& a, const std::vector<float>& b,
                        const std::vector<float>& want) {
    EXPECT_EQ(value_bits(run(binary_f32(kind).vector_vector, a, b, a.size())), value_bits(want)) << name_of(kind);
  };
  check(BinaryKind::add, {1, kInf, kNan}, {2, -kInf, 1}, {3, kNan, kNan});
  check(BinaryKind::sub, {1, 5}, {2, 3}, {-1, 2});
  check(BinaryKind::mul, {3, kInf}, {-2, 0}, {-6, kNan});
  check(BinaryKind::div, {3, 1, -1, 0}, {-2, 0, 0, 0}, {-1.5f, kInf, -kInf, kNan});
  check(BinaryKind::min, {1, 3, kNan, 1, 0, -0.0f}, {2, 1, 1, kNan, -0.0f, 0}, {1, 1, kNan, kNan, 0, -0.0f});
  check(BinaryKind::max, {1, 3, kNan, 1, 0, -0.0f}, {2, 1, 1, kNan, -0.0f, 0}, {2, 3, kNan, kNan, 0, -0.0f});
  check(BinaryKind::squared_difference, {1, kInf}, {3, kInf}, {4, kNan});
  check(BinaryKind::prelu, {1, -2, kNan}, {3, 0.5f, 1}, {1, -1, kNan});
  check(BinaryKind::pow, {0, -8, 2, -kInf, -0.0f, kNan, 2, 3}, {0, 1.0f / 3, 10, 0.5f, 0.5f, 0, -1, 3},
        {1, kNan, 1024, kInf, 0, 1, 0.5f, 27});
}

TEST(BinaryLanes, PowIsFloat64PowRounded) {
  Random random(4);
  for (int i = 0; i < 20000; ++i) {
    const float a = (random.uniform() + 1) * 8;
    const float b = i % 4 == 0 ? kExponents[random.below(std::size(kExponents))] : random.uniform() * 20;
    ASSERT_LE(units_apart(pow_f32(a, b), math::pow(a, b)), 0.5001) << a << "^" << b;
  }
}

TEST(BinaryLanes, SameBytesInEveryBuild) {
  const std::vector<float> a = floats(4001, Mix::hostile, 7), b = floats(4001, Mix::hostile, 8);
  uint64_t all = 0;
  for (BinaryKind kind : kKinds) all = all * 31 + value_hash(run(binary_f32(kind).vector_vector, a, b, a.size()));
  EXPECT_EQ(all, 0xa6f70424308f5709u) << std::hex << all;
}

}  // namespace
}  // namespace narrowcast::kernels
