#include "base/int4.h"
#include "kernels/pack_int4/pack_int4.h"

namespace narrowcast::kernels {

void pack_int4__ref(const void* codes, std::size_t n, uint8_t* packed) {
  const auto* code = static_cast<const uint8_t*>(codes);
  for (std::size_t i = 0; i < n; i += 2) {
    packed[i / 2] = pack_nibbles(code[i], i + 1 < n ? code[i + 1] : uint8_t{0});
  }
}

void unpack_int4__ref(const uint8_t* packed, std::size_t n, int8_t* codes) {
  for (std::size_t i = 0; i < n; ++i) {
    codes[i] = i % 2 == 0 ? low_nibble_i4(packed[i / 2]) : high_nibble_i4(packed[i / 2]);
  }
}

void unpack_uint4__ref(const uint8_t* packed, std::size_t n, uint8_t* codes) {
  for (std::size_t i = 0; i < n; ++i) {
    codes[i] = i % 2 == 0 ? low_nibble_u4(packed[i / 2]) : high_nibble_u4(packed[i / 2]);
  }
}

}  // namespace narrowcast::kernels
