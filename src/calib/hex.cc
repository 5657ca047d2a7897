#include "calib/hex.h"

#include <bit>

namespace narrowcast::calib {

void append_hex(std::string& text, uint32_t value) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (int shift = 28; shift >= 0; shift -= 4) text += kHex[value >> shift & 15U];
}

void append_hex(std::string& text, float value) { append_hex(text, std::bit_cast<uint32_t>(value)); }

std::optional<uint32_t> hex_at(std::string_view text, std::size_t at) {
  uint32_t value = 0;
  for (const char digit : text.substr(at, kHexDigits)) {
    const bool is_number = digit >= '0' && digit <= '9';
    if (!is_number && !(digit >= 'a' && digit <= 'f')) return std::nullopt;
    value = value << 4 | static_cast<uint32_t>(is_number ? digit - '0' : digit - 'a' + 10);
  }
  return value;
}

std::optional<float> hex_float_at(std::string_view text, std::size_t at) {
  constexpr uint32_t kMinusZero = 0x80000000U;
  const std::optional<uint32_t> bits = hex_at(text, at);
  if (!bits || *bits == kMinusZero) return std::nullopt;
  const auto value = std::bit_cast<float>(*bits);
  if (value - value != 0) return std::nullopt;
  return value;
}

}  // namespace narrowcast::calib
