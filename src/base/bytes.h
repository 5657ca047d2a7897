// Byte views and unaligned little-endian access. Model bytes are never assumed to be aligned.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace narrowcast {

static_assert(std::endian::native == std::endian::little, "both formats and every target are little-endian");

using ByteView = std::span<const uint8_t>;
using Bytes = std::vector<uint8_t>;

template <typename T>
  requires std::is_trivially_copyable_v<T>
T load_le(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

template <typename T>
  requires std::is_trivially_copyable_v<T>
void store_le(uint8_t* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}

template <typename T>
  requires std::is_trivially_copyable_v<T>
void append_le(Bytes& to, T value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  to.insert(to.end(), bytes, bytes + sizeof(T));
}

}  // namespace narrowcast
