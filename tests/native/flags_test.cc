#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <limits>

namespace narrowcast {
namespace {

#ifdef __FAST_MATH__
#error "Fast math changes results; cmake/Determinism.cmake turns it off"
#endif
static_assert(FLT_EVAL_METHOD == 0, "float arithmetic must be done in float");

// Volatile, so that the compiler computes at run time what this test is about.
volatile float tiny_error = 1.0F + FLT_EPSILON;
volatile float smallest_normal = FLT_MIN;

TEST(Flags, MultiplyAndAddRoundTwice) {
  const float x = tiny_error;
  const float product = x * x;
  EXPECT_EQ(x * x - product, 0.0F) << "the product was fused with the subtraction";
}

TEST(Flags, SubnormalsAreKept) {
  const float half = smallest_normal * 0.5F;
  EXPECT_GT(half, 0.0F);
  EXPECT_EQ(half * 2.0F, FLT_MIN);
}

TEST(Flags, NanIsNotAssumedAway) {
  const volatile float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(nan));
  EXPECT_FALSE(nan == nan);  // NOLINT(misc-redundant-expression)
}

}  // namespace
}  // namespace narrowcast
