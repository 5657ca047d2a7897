// Element access of the kernels: float32 payloads lie in model files at any alignment.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace narrowcast::kernels {

inline const uint8_t* element_f32(const void* x, std::size_t i) { return static_cast<const uint8_t*>(x) + 4 * i; }
inline uint8_t* element_f32(void* x, std::size_t i) { return static_cast<uint8_t*>(x) + 4 * i; }

inline float load_f32(const void* x, std::size_t i) { return load_le<float>(element_f32(x, i)); }
inline void store_f32(void* x, std::size_t i, float value) { store_le<float>(element_f32(x, i), value); }

inline uint16_t load_u16(const void* x, std::size_t i) {
  return load_le<uint16_t>(static_cast<const uint8_t*>(x) + 2 * i);
}
inline void store_u16(void* x, std::size_t i, uint16_t value) {
  store_le<uint16_t>(static_cast<uint8_t*>(x) + 2 * i, value);
}

}  // namespace narrowcast::kernels
