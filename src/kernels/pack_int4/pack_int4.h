// 4-bit codes, one a byte, to and from two a byte, low nibble first (base/int4.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace narrowcast::kernels {

// codes: n bytes of which the low four bits count (int4 and uint4 alike); packed: (n + 1) / 2 bytes, an odd last high
// nibble is 0. In chunks: n even in all but the last.
void pack_int4__ref(const void* codes, std::size_t n, uint8_t* packed);
void pack_int4__simd(const void* codes, std::size_t n, uint8_t* packed);
inline void pack_int4(const void* codes, std::size_t n, uint8_t* packed) { pack_int4__simd(codes, n, packed); }

// packed: (n + 1) / 2 bytes; codes: n bytes, -8..7.
void unpack_int4__ref(const uint8_t* packed, std::size_t n, int8_t* codes);
void unpack_int4__simd(const uint8_t* packed, std::size_t n, int8_t* codes);
inline void unpack_int4(const uint8_t* packed, std::size_t n, int8_t* codes) { unpack_int4__simd(packed, n, codes); }

// packed: (n + 1) / 2 bytes; codes: n bytes, 0..15.
void unpack_uint4__ref(const uint8_t* packed, std::size_t n, uint8_t* codes);
void unpack_uint4__simd(const uint8_t* packed, std::size_t n, uint8_t* codes);
inline void unpack_uint4(const uint8_t* packed, std::size_t n, uint8_t* codes) { unpack_uint4__simd(packed, n, codes); }

}  // namespace narrowcast::kernels
