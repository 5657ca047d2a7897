#include "kernels/histogram/histogram.h"

#include <gtest/gtest.h>

#include <memory>

#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

// Values that a histogram of this exponent may be given: powers of two of every size below its end, and what is never
// finite.
std::vector<float> below(std::size_t n, int exponent, uint64_t seed) {
  const double end = std::bit_cast<double>(static_cast<uint64_t>(exponent + 11 + 1023) << 52);
  std::vector<float> values = floats(n, Mix::hostile, seed);
  Random random(seed + 1);
  for (float& value : values) {
    const double magnitude = value < 0 ? -static_cast<double>(value) : static_cast<double>(value);
    if (magnitude < end || magnitude > 3.5e38) continue;  // fits, or not finite; NaN goes on
    if (value - value != 0) continue;
    value = static_cast<float>(random.uniform() * end);
    if (value >= end || -value >= end) value = 0;
  }
  return values;
}

std::unique_ptr<HistogramCounts> count(void (*kernel)(const void*, std::size_t, int, HistogramCounts&), const void* x,
                                       std::size_t n, int exponent) {
  auto counts = std::make_unique<HistogramCounts>();
  kernel(x, n, exponent, *counts);
  return counts;
}

TEST(Histogram, SimdEqualsReference) {
  for (const int exponent : {-138, -137, -121, -120, -64, -10, -9, 0, 1, 60, 116, 117}) {
    for (const std::size_t n : {0, 1, 5, 16, 1000, 4095, 4096, 4097, 5003, 20000}) {
      for (const std::size_t misalignment : {0, 1, 4}) {
        Unaligned x(below(n, exponent, n + misalignment), misalignment);
        const auto ref = count(histogram_f32__ref, x.data(), n, exponent);
        const auto simd = count(histogram_f32__simd, x.data(), n, exponent);
        ASSERT_EQ(std::memcmp(ref.get(), simd.get(), sizeof(HistogramCounts)), 0) << exponent << " " << n;
      }
    }
  }
}

TEST(Histogram, BinsAreHalfOpenAndSignsApart) {
  const float values[] = {1.0F, 0x1.fffffep0F, 2.0F, -1.0F, -0.0F, 0.0F, 0x1p-149F, -0x1p-149F};
  const auto counts = count(histogram_f32__ref, values, std::size(values), 0);
  EXPECT_EQ(counts->pos[1], 2U);
  EXPECT_EQ(counts->pos[2], 1U);
  EXPECT_EQ(counts->neg[1], 1U);
  EXPECT_EQ(counts->zero, 2U);
  EXPECT_EQ(counts->pos[0], 1U);
  EXPECT_EQ(counts->neg[0], 1U);
}

TEST(Histogram, NothingIsLost) {
  for (const std::size_t n : {100, 10000}) {
    std::vector<float> x = floats(n, Mix::ordinary, n);
    for (std::size_t i = 0; i < n; i += 7) x[i] = 0;
    x[n / 2] = std::numeric_limits<float>::quiet_NaN();
    const auto counts = count(histogram_f32, x.data(), n, -9);
    uint64_t total = counts->zero;
    for (std::size_t i = 0; i < kHistogramBins; ++i) total += counts->pos[i] + counts->neg[i];
    EXPECT_EQ(total, n - 1);
  }
}

// Pins native against wasm.
TEST(Histogram, SameInEveryBuild) {
  const std::vector<float> x = below(10007, -9, 42);
  const auto counts = count(histogram_f32, x.data(), x.size(), -9);
  EXPECT_EQ(hash(counts.get(), sizeof(HistogramCounts)), 9462364629277099080U);
}

}  // namespace
}  // namespace narrowcast::kernels
