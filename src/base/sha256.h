// SHA-256 (FIPS 180-4): the name of a file's or a sample's bytes.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace narrowcast {

using Digest = std::array<uint8_t, 32>;

class Sha256 {
 public:
  void add(ByteView bytes);
  void add(std::string_view text) { add({reinterpret_cast<const uint8_t*>(text.data()), text.size()}); }
  // No more bytes may be added afterwards.
  [[nodiscard]] Digest finish();

 private:
  void compress(const uint8_t* block);

  std::array<uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, 64> block_{};
  uint64_t length_ = 0;  // bytes so far
};

Digest sha256(ByteView bytes);

// 64 lower-case hexadecimal digits.
std::string hex(const Digest& digest);
// False, and `to` as it was, when the text is anything else.
bool from_hex(std::string_view text, Digest& to);

}  // namespace narrowcast
