#include "base/sha256.h"

#include <gtest/gtest.h>

#include <vector>

namespace narrowcast {
namespace {

std::string of(std::string_view text) {
  Sha256 hash;
  hash.add(text);
  return hex(hash.finish());
}

// The examples of FIPS 180-4 (NIST's "SHA256.pdf") and of NIST's CAVP short messages.
TEST(Sha256, PublishedVectors) {
  EXPECT_EQ(of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(
      of("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
         "nopqrstu"),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(of(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(of("\xd3"), "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1");
}

TEST(Sha256, PiecesGiveTheSame) {
  std::vector<uint8_t> bytes(300);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 7);
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    const ByteView whole = ByteView(bytes).first(length);
    Sha256 pieces;
    for (std::size_t at = 0, piece = 0; at < length; at += piece) {
      piece = std::min(length - at, at % 67 + 1);
      pieces.add(whole.subspan(at, piece));
    }
    EXPECT_EQ(pieces.finish(), sha256(whole)) << length;
  }
}

TEST(Sha256, HexadecimalThereAndBack) {
  const Digest digest = sha256({});
  Digest read{};
  ASSERT_TRUE(from_hex(hex(digest), read));
  EXPECT_EQ(read, digest);
  EXPECT_FALSE(from_hex("e3b0", read));
  EXPECT_FALSE(from_hex(std::string(64, 'E'), read));
  EXPECT_FALSE(from_hex(std::string(63, '0') + "/", read));
  EXPECT_EQ(read, digest);
}

}  // namespace
}  // namespace narrowcast
