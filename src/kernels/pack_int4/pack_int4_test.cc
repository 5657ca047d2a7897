#include "kernels/pack_int4/pack_int4.h"

#include <gtest/gtest.h>

#include "base/int4.h"
#include "kernels/test_util.h"

namespace narrowcast::kernels {
namespace {

using namespace test;

TEST(PackInt4, LowNibbleFirstAndOddTailPadded) {
  const int8_t codes[] = {1, -2, 7, -8, 3};
  uint8_t packed[3];
  pack_int4(codes, 5, packed);
  EXPECT_EQ(packed[0], 0xE1);
  EXPECT_EQ(packed[1], 0x87);
  EXPECT_EQ(packed[2], 0x03);
  EXPECT_EQ(low_nibble_i4(0x87), 7);
  EXPECT_EQ(high_nibble_i4(0x87), -8);
  EXPECT_EQ(high_nibble_u4(0x87), 8);
}

TEST(PackInt4, SimdEqualsReferenceAndComesBack) {
  Random random(1);
  for (std::size_t n : kLengths) {
    for (std::size_t misalignment : {0, 1, 5}) {
      std::vector<int8_t> codes(n + misalignment);
      for (int8_t& code : codes) code = static_cast<int8_t>(static_cast<int>(random.below(16)) - 8);
      std::vector<uint8_t> packed((n + 1) / 2), ref((n + 1) / 2);
      pack_int4__simd(codes.data() + misalignment, n, packed.data());
      pack_int4__ref(codes.data() + misalignment, n, ref.data());
      ASSERT_EQ(packed, ref);
      std::vector<int8_t> back(n), back_ref(n);
      unpack_int4__simd(packed.data(), n, back.data());
      unpack_int4__ref(packed.data(), n, back_ref.data());
      ASSERT_EQ(back, back_ref);
      ASSERT_EQ(back, std::vector<int8_t>(codes.begin() + static_cast<std::ptrdiff_t>(misalignment), codes.end()));
      std::vector<uint8_t> wide(n), wide_ref(n);
      unpack_uint4__simd(packed.data(), n, wide.data());
      unpack_uint4__ref(packed.data(), n, wide_ref.data());
      ASSERT_EQ(wide, wide_ref);
    }
  }
}

TEST(PackInt4, OnlyTheLowBitsOfACodeCount) {
  std::vector<uint8_t> codes(64);
  for (std::size_t i = 0; i < 64; ++i) codes[i] = static_cast<uint8_t>(i * 37);
  std::vector<uint8_t> packed(32), ref(32);
  pack_int4__simd(codes.data(), 64, packed.data());
  pack_int4__ref(codes.data(), 64, ref.data());
  EXPECT_EQ(packed, ref);
}

}  // namespace
}  // namespace narrowcast::kernels
