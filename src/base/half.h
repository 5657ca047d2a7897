// float16 and bfloat16 as bit patterns: scalar conversions, the one source of truth that every kernel is tested
// against.
#pragma once

#include <bit>
#include <cstdint>

namespace narrowcast {

inline constexpr float kHalfMax = 65504.0f;            // largest finite float16
inline constexpr float kHalfMinPositive = 0x1p-24f;    // smallest subnormal float16, 5.96e-8
inline constexpr uint16_t kHalfNan = 0x7E00;           // the only NaN that f32_to_f16 gives
inline constexpr uint32_t kFloatNanBits = 0x7FC00000;  // the only NaN that f16_to_f32 gives

// Nearest float16, ties to even (IEEE 754 convertFormat). |x| >= 65520 becomes infinity, |x| <= 2^-25 becomes a zero
// of the same sign, every NaN becomes kHalfNan.
constexpr uint16_t f32_to_f16(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000u);
  const uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return kHalfNan;
  if (magnitude >= 0x477FF000u) return static_cast<uint16_t>(sign | 0x7C00u);  // 65520: halfway to 65536
  if (magnitude < 0x33000001u) return sign;                                    // 2^-25: a tie with 0, which is even
  const uint32_t exponent = magnitude >> 23;                                   // biased by 127
  uint32_t significand = magnitude;
  uint32_t dropped = 13;
  if (exponent < 113) {  // below 2^-14: a multiple of 2^-24, with the hidden bit written out
    significand = (magnitude & 0x007FFFFFu) | 0x00800000u;
    dropped = 126 - exponent;
  } else {
    significand -= 112u << 23;  // the float16 bias is 15
  }
  const uint32_t kept = significand >> dropped;
  const uint32_t rest = significand & ((1u << dropped) - 1);
  const uint32_t half = 1u << (dropped - 1);
  const uint32_t up =
      rest > half || (rest == half && (kept & 1u)) ? 1 : 0;  // the carry runs into the exponent, rightly
  return static_cast<uint16_t>(sign | (kept + up));
}

// Exact; every NaN becomes kFloatNanBits.
constexpr float f16_to_f32(uint16_t h) {
  const uint32_t sign = static_cast<uint32_t>(h & 0x8000u) << 16;
  const uint32_t magnitude = h & 0x7FFFu;
  if (magnitude > 0x7C00u) return std::bit_cast<float>(kFloatNanBits);
  if (magnitude == 0x7C00u) return std::bit_cast<float>(sign | 0x7F800000u);
  if (magnitude < 0x0400u) {  // zero or subnormal
    const float value = static_cast<float>(magnitude) * kHalfMinPositive;
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(value));
  }
  return std::bit_cast<float>(sign | ((magnitude << 13) + (112u << 23)));
}

// Nearest bfloat16, ties to even, as the upper half of the float32 pattern; NaN becomes 0x7FC0.
constexpr uint16_t f32_to_bf16(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return 0x7FC0;
  return static_cast<uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

constexpr float bf16_to_f32(uint16_t b) { return std::bit_cast<float>(static_cast<uint32_t>(b) << 16); }

}  // namespace narrowcast
