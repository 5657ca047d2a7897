// 32-bit numbers as text of a fixed width, where a range file holds so many that decimals would be most of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace narrowcast::calib {

inline constexpr std::size_t kHexDigits = 8;

// Lower case, the highest digit first.
void append_hex(std::string& text, uint32_t value);
void append_hex(std::string& text, float value);  // its bits
// Nothing where the eight characters at `at` are no such number; for a float also where it is not finite, or is -0.
std::optional<uint32_t> hex_at(std::string_view text, std::size_t at);
std::optional<float> hex_float_at(std::string_view text, std::size_t at);

}  // namespace narrowcast::calib
