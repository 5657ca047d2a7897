#include "kernels/sqnr/sqnr.h"

#include <gtest/gtest.h>

#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

std::vector<float> noisy(const std::vector<float>& x) {
  Random random(8);
  std::vector<float> y = x;
  for (float& value : y) value += random.uniform() * 0.01f;
  return y;
}

uint64_t hash_of(const SqnrSums& sums) {
  return hash(sums.noise.data(), sizeof(sums.noise), hash(sums.signal.data(), sizeof(sums.signal)));
}

TEST(Sqnr, SimdEqualsReference) {
  for (std::size_t n : {0, 1, 15, 16, 17, 31, 100, 1023, 1024, 1040, 5000}) {
    for (std::size_t misalignment : kMisalignments) {
      const std::vector<float> x = floats(n, Mix::ordinary, n);
      Unaligned from(x, misalignment), to(noisy(x), misalignment / 2);
      SqnrSums sums, ref;
      accumulate_sqnr__simd(from.data(), to.data(), n, sums);
      accumulate_sqnr__ref(from.data(), to.data(), n, ref);
      ASSERT_EQ(hash_of(sums), hash_of(ref)) << n;
    }
  }
}

TEST(Sqnr, ChunksOfSixteenGiveTheSums) {
  const std::vector<float> x = floats(5003, Mix::ordinary, 1);
  const std::vector<float> y = noisy(x);
  SqnrSums whole, parts;
  accumulate_sqnr(x.data(), y.data(), x.size(), whole);
  for (std::size_t i = 0; i < x.size(); i += 48) {
    accumulate_sqnr(x.data() + i, y.data() + i, std::min<std::size_t>(48, x.size() - i), parts);
  }
  EXPECT_EQ(hash_of(whole), hash_of(parts));
}

TEST(Sqnr, Decibels) {
  const std::vector<float> x(100, 1.0f);
  const std::vector<float> y(100, 0.5f);
  SqnrSums sums;
  accumulate_sqnr(x.data(), y.data(), 100, sums);
  EXPECT_EQ(sqnr_energy(sums).signal, 100.0);
  EXPECT_EQ(sqnr_energy(sums).noise, 25.0);
  EXPECT_DOUBLE_EQ(sqnr_db(sqnr_energy(sums)), 6.020599913279624);
  EXPECT_EQ(sqnr_db({1000, 1}), 30.0);
  EXPECT_EQ(sqnr_db({1, 0}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(sqnr_db({0, 0}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(sqnr_db({0, 1}), -std::numeric_limits<double>::infinity());
  EXPECT_NE(sqnr_db({std::numeric_limits<double>::quiet_NaN(), 1}),
            sqnr_db({std::numeric_limits<double>::quiet_NaN(), 1}));
}

TEST(Sqnr, SameBytesInEveryBuild) {
  const std::vector<float> x = floats(4001, Mix::ordinary, 77);
  const std::vector<float> y = noisy(x);
  SqnrSums sums;
  accumulate_sqnr(x.data(), y.data(), x.size(), sums);
  const double db = sqnr_db(sqnr_energy(sums));
  EXPECT_EQ(std::bit_cast<uint64_t>(db), 0x404a0fa904c65e2au) << db << " " << std::hex << std::bit_cast<uint64_t>(db);
}

}  // namespace
}  // namespace narrowcast::kernels
