#include "base/xxhash64.h"

#include <gtest/gtest.h>

#include <vector>

namespace narrowcast {
namespace {

struct Vector {
  std::size_t length;
  uint64_t hash;
};

// Of the bytes 13, 180, 91, ... (167 i + 13), by the reference implementation (Python's xxhash 4.1).
constexpr Vector kVectors[] = {{0, 0xEF46DB3751D8E999U},  {1, 0x2078E1AD38AD738BU},  {3, 0x634D95FC01A189CDU},
                               {4, 0xEED340908A1AC6C6U},  {7, 0x0DA493621D6DC898U},  {8, 0x76F916C7BB523126U},
                               {15, 0x4E1C333B057FB6A4U}, {31, 0x65C5FEB01DA7464DU}, {32, 0x7665C921C9BF2EC7U},
                               {33, 0xB5A9D9EF259AE821U}, {63, 0xB0289CD9324034F0U}, {64, 0xFFF2525C99BF2005U},
                               {77, 0x3645FA422AFA9E50U}, {200, 0x4D9D64CA846491AFU}};

TEST(XxHash64, SaysWhatTheReferenceSays) {
  std::vector<uint8_t> bytes(200);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 167 + 13);
  for (const auto& [length, hash] : kVectors) EXPECT_EQ(xxhash64(ByteView(bytes).first(length)), hash) << length;
}

}  // namespace
}  // namespace narrowcast
