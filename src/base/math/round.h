// Rounding to integers without the C library, whose calls may differ between builds.
#pragma once

#include <bit>
#include <cstdint>

namespace narrowcast::math {

// Nearest integer, ties to even; NaN, infinities and integers come back as they are, the sign of zero is kept.
constexpr float round_half_even(float x) {
  const float magnitude = std::bit_cast<float>(std::bit_cast<uint32_t>(x) & 0x7FFFFFFFu);
  if (!(magnitude < 0x1p23f)) return x;
  const float rounded = (magnitude + 0x1p23f) - 0x1p23f;  // the sum has no fraction bits: the adder rounds
  return std::bit_cast<float>(std::bit_cast<uint32_t>(rounded) | (std::bit_cast<uint32_t>(x) & 0x80000000u));
}

constexpr double round_half_even(double x) {
  const double magnitude = std::bit_cast<double>(std::bit_cast<uint64_t>(x) & 0x7FFFFFFFFFFFFFFFu);
  if (!(magnitude < 0x1p52)) return x;
  const double rounded = (magnitude + 0x1p52) - 0x1p52;
  return std::bit_cast<double>(std::bit_cast<uint64_t>(rounded) | (std::bit_cast<uint64_t>(x) & 0x8000000000000000u));
}

// Nearest integer, ties away from zero, as C's round(); special values as above.
constexpr double round_half_away(double x) {
  const double magnitude = std::bit_cast<double>(std::bit_cast<uint64_t>(x) & 0x7FFFFFFFFFFFFFFFu);
  if (!(magnitude < 0x1p52)) return x;
  const auto whole = static_cast<double>(static_cast<int64_t>(magnitude));
  const double rounded = magnitude - whole >= 0.5 ? whole + 1.0 : whole;  // the difference is exact
  return std::bit_cast<double>(std::bit_cast<uint64_t>(rounded) | (std::bit_cast<uint64_t>(x) & 0x8000000000000000u));
}

}  // namespace narrowcast::math
