#include "kernels/lanes/gate.h"

#include <gtest/gtest.h>

#include "kernels/lanes/binary.h"
#include "kernels/lanes/unary.h"
#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

using Floats = std::vector<float>;

constexpr Gate kGates[] = {{.add = 3, .low = 0, .high = 6, .divisor = 6},
                           {.slope = 0.2F, .add = 0.5F, .low = 0, .high = 1},
                           {.add = -1, .low = -2, .high = 5, .divisor = 3, .scale = 0.7F, .shift = -0.4F},
                           {.low = 0, .high = 1}};

TEST(Gate, SimdEqualsReference) {
  for (const Gate& gate : kGates) {
    for (const std::size_t n : kLengths) {
      const Floats x = floats(n + 1, Mix::hostile, n + 5);
      Floats y(n + 1, 0.0F), want(n + 1, 0.0F), in_place = x;
      gate_f32__ref(x.data() + 1, want.data() + 1, n, gate);
      gate_f32__simd(x.data() + 1, y.data() + 1, n, gate);
      ASSERT_EQ(value_bits(y), value_bits(want)) << n;
      gate_f32__simd(in_place.data() + 1, in_place.data() + 1, n, gate);
      in_place[0] = 0;
      ASSERT_EQ(value_bits(in_place), value_bits(want)) << n;
    }
  }
}

// What the gate stands for: the lanes one by one.
TEST(Gate, EqualsTheLanesOneByOne) {
  const std::size_t n = 2000;
  const Floats x = floats(n, Mix::hostile, 3);
  const auto binary = [&](BinaryKind kind, const Floats& a, float b) {
    Floats y(n);
    binary_f32(kind).vector_scalar(a.data(), &b, y.data(), n);
    return y;
  };
  const auto unary = [&](UnaryKind kind, const Floats& a, LaneParams p) {
    Floats y(n);
    unary_f32(kind)(a.data(), y.data(), n, p);
    return y;
  };
  const auto gated = [&](const Floats& factor) {
    Floats y(n);
    binary_f32(BinaryKind::mul).vector_vector(x.data(), factor.data(), y.data(), n);
    return y;
  };
  const auto gate = [&](const Gate& g) {
    Floats y(n);
    gate_f32(x.data(), y.data(), n, g);
    return value_bits(y);
  };
  const Floats swish = gated(unary(UnaryKind::clamp, binary(BinaryKind::add, x, 3), {0, 6}));
  EXPECT_EQ(gate({.add = 3, .low = 0, .high = 6}), value_bits(swish));
  const Floats sixth = binary(BinaryKind::div, swish, 6);
  EXPECT_EQ(gate({.add = 3, .low = 0, .high = 6, .divisor = 6}), value_bits(sixth));
  const Floats scaled = binary(BinaryKind::add, binary(BinaryKind::mul, sixth, 1.3F), -0.2F);
  EXPECT_EQ(gate({.add = 3, .low = 0, .high = 6, .divisor = 6, .scale = 1.3F, .shift = -0.2F}), value_bits(scaled));
  const Floats hard = gated(unary(UnaryKind::hard_sigmoid, x, {0.2F, 0.5F}));
  EXPECT_EQ(gate({.slope = 0.2F, .add = 0.5F, .low = 0, .high = 1}), value_bits(hard));
}

}  // namespace
}  // namespace narrowcast::kernels
