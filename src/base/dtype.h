// Element types of both formats, under one name each.
#pragma once

#include <cstdint>
#include <string_view>

namespace narrowcast {

enum class DType : uint8_t {
  unknown,
  f32,
  f16,
  bf16,
  f64,
  i4,
  i8,
  i16,
  i32,
  i64,
  u4,
  u8,
  u16,
  u32,
  u64,
  i2,
  u2,
  boolean,
  string,
  c64,
  c128,
  f8_e4m3fn,
  f8_e4m3fnuz,
  f8_e5m2,
  f8_e5m2fnuz,
  f4_e2m1,
  other,  // a type that the format knows and the engine only carries along (resource, variant)
};

struct DTypeInfo {
  std::string_view name;  // "float32", "int8"... as numpy spells it
  uint8_t bits = 0;       // 0: no fixed width (string, unknown)
};

const DTypeInfo& dtype_info(DType dtype);
inline std::string_view dtype_name(DType dtype) { return dtype_info(dtype).name; }
// unknown for any other text.
DType dtype_named(std::string_view name);
inline unsigned dtype_bits(DType dtype) { return dtype_info(dtype).bits; }

// Bytes of `elements` packed elements; 4-bit and 2-bit types share bytes, the last one padded.
constexpr uint64_t packed_bytes(uint64_t elements, unsigned bits) {
  return bits >= 8 ? elements * (bits / 8) : (elements * bits + 7) / 8;
}
inline uint64_t packed_bytes(uint64_t elements, DType dtype) { return packed_bytes(elements, dtype_bits(dtype)); }

}  // namespace narrowcast
