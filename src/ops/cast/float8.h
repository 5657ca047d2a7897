// float8 as bit patterns: ONNX's four types (onnx/docs/docsgen float8; Micikevicius et al. 2022, Noune et al. 2022) and
// float4 e2m1.
#pragma once

#include <bit>
#include <cstdint>

#include "base/dtype.h"

namespace narrowcast::ops {

// Which codes are special: `ieee`, as usual: an exponent of ones is infinity or NaN. `fn`: no infinity, NaN is all
// ones. `fnuz`: no infinity, no negative zero; NaN is the code of negative zero. `finite`: neither.
enum class Specials : uint8_t { ieee, fn, fnuz, finite };

struct SmallFloat {
  int exponent_bits = 0;
  int mantissa_bits = 0;
  int bias = 0;
  Specials specials = Specials::ieee;

  [[nodiscard]] constexpr unsigned sign() const { return 1U << (exponent_bits + mantissa_bits); }
  // Of the largest finite value.
  [[nodiscard]] constexpr unsigned largest() const {
    const unsigned ones = sign() - 1;
    if (specials == Specials::ieee) return ones - (1U << mantissa_bits);
    return specials == Specials::fn ? ones - 1 : ones;
  }
  [[nodiscard]] constexpr unsigned nan() const {
    return specials == Specials::fnuz ? sign() : sign() - 1;  // finite: the largest value
  }
};

constexpr SmallFloat small_float(DType dtype) {
  switch (dtype) {
    case DType::f8_e4m3fn:
      return {4, 3, 7, Specials::fn};
    case DType::f8_e4m3fnuz:
      return {4, 3, 8, Specials::fnuz};
    case DType::f8_e5m2:
      return {5, 2, 15, Specials::ieee};
    case DType::f8_e5m2fnuz:
      return {5, 2, 16, Specials::fnuz};
    default:
      return {2, 1, 1, Specials::finite};
  }
}

// Exact.
constexpr float decode_small(SmallFloat format, unsigned code) {
  const unsigned magnitude = code & (format.sign() - 1);
  const bool negative = (code & format.sign()) != 0;
  const float nan = std::bit_cast<float>(0x7FC00000U);
  if (format.specials == Specials::fnuz && code == format.sign()) return nan;
  if (magnitude > format.largest()) {
    const bool infinite = format.specials == Specials::ieee && magnitude == format.largest() + 1;
    if (!infinite) return nan;
    return std::bit_cast<float>(negative ? 0xFF800000U : 0x7F800000U);
  }
  const unsigned mantissa = magnitude & ((1U << format.mantissa_bits) - 1);
  const auto exponent = static_cast<int>(magnitude >> format.mantissa_bits);
  const int power = (exponent == 0 ? 1 : exponent) - format.bias - format.mantissa_bits;
  const float unit = std::bit_cast<float>(static_cast<uint32_t>(power + 127) << 23);
  const auto digits = static_cast<float>(mantissa + (exponent == 0 ? 0 : 1U << format.mantissa_bits));
  return (negative ? -1.0F : 1.0F) * (digits * unit);
}

// Nearest, ties to even. Beyond the largest value: that value when `saturates`, else infinity or NaN.
constexpr unsigned encode_small(SmallFloat format, float x, bool saturates) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  const uint32_t magnitude = bits & 0x7FFFFFFFU;
  const unsigned sign = (bits >> 31) != 0 ? format.sign() : 0;
  const bool keeps_sign = format.specials != Specials::fnuz;
  if (magnitude > 0x7F800000U) return format.nan() | (keeps_sign ? sign : 0);
  const unsigned beyond = format.specials == Specials::ieee ? format.largest() + 1 : format.nan();
  const bool fixed = saturates || format.specials == Specials::finite;
  const unsigned too_large = fixed ? (format.largest() | sign) : (beyond | (keeps_sign ? sign : 0));
  if (magnitude == 0x7F800000U) return too_large;
  const int exponent = static_cast<int>(magnitude >> 23) - 127;
  const int lowest = 1 - format.bias;  // exponent of the subnormal numbers
  const int dropped = 23 - format.mantissa_bits + (exponent < lowest ? lowest - exponent : 0);
  if (dropped > 25 || magnitude < 0x00800000U) return keeps_sign ? sign : 0;
  const uint32_t significand = (magnitude & 0x007FFFFFU) | 0x00800000U;
  const uint32_t kept = significand >> dropped;
  const uint32_t rest = significand & ((1U << dropped) - 1);
  const uint32_t half = 1U << (dropped - 1);
  const bool up = rest > half || (rest == half && (kept & 1U) != 0);
  // Below the normal numbers the significand is the code; above, its leading bit raises the exponent by one.
  const unsigned base = exponent < lowest ? 0 : static_cast<unsigned>(exponent - lowest) << format.mantissa_bits;
  const unsigned code = base + kept + (up ? 1 : 0);
  if (code > format.largest()) return too_large;
  return code == 0 && !keeps_sign ? 0 : code | sign;
}

}  // namespace narrowcast::ops
