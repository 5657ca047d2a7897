#include "kernels/permute/permute.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

std::vector<uint8_t> bytes(std::size_t n) {
  Random random(n);
  std::vector<uint8_t> made(n);
  for (uint8_t& each : made) each = static_cast<uint8_t>(random.next());
  return made;
}

TEST(Permute, TransposeSimdEqualsReference) {
  for (std::size_t rows : {1, 2, 3, 4, 5, 8, 17, 40}) {
    for (std::size_t columns : {1, 3, 4, 7, 15, 16, 17, 33, 64}) {
      for (std::size_t misalignment : {0, 1, 4}) {
        const std::vector<uint8_t> x = bytes(4 * 2 * rows * columns + misalignment);
        std::vector<uint8_t> y(x.size()), ref(x.size());
        transpose_32__simd(x.data() + misalignment, 2, rows, columns, y.data() + misalignment);
        transpose_32__ref(x.data() + misalignment, 2, rows, columns, ref.data() + misalignment);
        ASSERT_EQ(y, ref) << rows << " " << columns;
      }
    }
  }
}

void check_orders(const std::vector<std::size_t>& dims) {
  std::vector<std::size_t> order(dims.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t elements = std::accumulate(dims.begin(), dims.end(), std::size_t{1}, std::multiplies<>());
  do {
    for (std::size_t element_bytes : {1, 2, 4, 8}) {
      const std::vector<uint8_t> x = bytes(elements * element_bytes);
      std::vector<uint8_t> y(x.size()), ref(x.size());
      ASSERT_TRUE(permute__simd(x.data(), element_bytes, dims, order, y.data()));
      ASSERT_TRUE(permute__ref(x.data(), element_bytes, dims, order, ref.data()));
      ASSERT_EQ(y, ref) << element_bytes;
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Permute, EveryOrderOfAwkwardShapes) {
  for (const std::vector<std::size_t>& dims : {std::vector<std::size_t>{},
                                               {5},
                                               {1},
                                               {3, 4},
                                               {17, 6},
                                               {2, 3, 5},
                                               {4, 1, 8},
                                               {1, 1, 3},
                                               {2, 0, 3},
                                               {3, 4, 5, 6},
                                               {2, 8, 8, 4},
                                               {1, 7, 1, 9},
                                               {2, 3, 2, 5, 4}}) {
    check_orders(dims);
  }
}

TEST(Permute, TooManyAxesAreRefused) {
  const std::vector<std::size_t> dims(14, 2);
  std::vector<std::size_t> order(14);
  std::iota(order.rbegin(), order.rend(), std::size_t{0});
  const std::vector<uint8_t> x = bytes(1 << 14);
  std::vector<uint8_t> y(1 << 14);
  EXPECT_FALSE(permute(x.data(), 1, dims, order, y.data()));
  std::iota(order.begin(), order.end(), std::size_t{0});
  EXPECT_TRUE(permute(x.data(), 1, dims, order, y.data()));
  EXPECT_EQ(x, y);
}

TEST(Permute, Values) {
  const std::vector<float> x{1, 2, 3, 4, 5, 6};
  std::vector<float> y(6);
  transpose_32(x.data(), 1, 2, 3, y.data());
  EXPECT_EQ(y, (std::vector<float>{1, 4, 2, 5, 3, 6}));
  const std::size_t dims[] = {1, 3, 2}, order[] = {2, 0, 1};
  EXPECT_TRUE(permute(x.data(), 4, dims, order, y.data()));
  EXPECT_EQ(y, (std::vector<float>{1, 3, 5, 2, 4, 6}));
}

}  // namespace
}  // namespace narrowcast::kernels
