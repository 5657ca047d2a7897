// Two 4-bit codes a byte, the low nibble first: the packing of ONNX and of TFLite alike (onnx.md 1.2, tflite.md 1.6).
#pragma once

#include <cstdint>

namespace narrowcast {

// Codes are -8..7 (signed) or 0..15 (unsigned); only their low four bits count.
constexpr uint8_t pack_nibbles(uint8_t low, uint8_t high) {
  return static_cast<uint8_t>((low & 0x0Fu) | ((high & 0x0Fu) << 4));
}

constexpr uint8_t low_nibble_u4(uint8_t byte) { return byte & 0x0F; }
constexpr uint8_t high_nibble_u4(uint8_t byte) { return static_cast<uint8_t>(byte >> 4); }

// Sign-extends a nibble 0..15 to -8..7.
constexpr int8_t sign_extend_nibble(uint8_t nibble) {
  return static_cast<int8_t>((static_cast<int>(nibble & 0x0Fu) ^ 8) - 8);
}
constexpr int8_t low_nibble_i4(uint8_t byte) { return sign_extend_nibble(low_nibble_u4(byte)); }
constexpr int8_t high_nibble_i4(uint8_t byte) { return sign_extend_nibble(high_nibble_u4(byte)); }

}  // namespace narrowcast
