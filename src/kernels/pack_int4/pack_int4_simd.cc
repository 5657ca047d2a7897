#include "kernels/pack_int4/pack_int4.h"
#include "kernels/simd.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

// Eight pairs of codes, a pair a 16-bit lane, to bytes in 16-bit lanes.
V pair(V codes) {
  const V low = v_and(codes, i16x8_splat(0x000F));
  const V high = v_and(u16x8_shr(codes, 4), i16x8_splat(0x00F0));
  return v_or(low, high);
}

struct Nibbles {
  V first, second;  // codes 0..15 and 16..31, each 0..15
};

Nibbles split(V bytes) {
  const V mask = i8x16_splat(0x0F);
  const V low = v_and(bytes, mask);
  const V high = v_and(u16x8_shr(bytes, 4), mask);
  return {i8x16_interleave_low(low, high), i8x16_interleave_high(low, high)};
}

V sign_extend(V nibbles) {
  const V eight = i8x16_splat(8);
  return i8x16_sub(v_xor(nibbles, eight), eight);
}

}  // namespace

void pack_int4__simd(const void* codes, std::size_t n, uint8_t* packed) {
  const auto* code = static_cast<const uint8_t*>(codes);
  std::size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    store(packed + i / 2, u8x16_narrow_i16x8(pair(load(code + i)), pair(load(code + i + 16))));
  }
  pack_int4__ref(code + i, n - i, packed + i / 2);
}

void unpack_int4__simd(const uint8_t* packed, std::size_t n, int8_t* codes) {
  std::size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const Nibbles nibbles = split(load(packed + i / 2));
    store(codes + i, sign_extend(nibbles.first));
    store(codes + i + 16, sign_extend(nibbles.second));
  }
  unpack_int4__ref(packed + i / 2, n - i, codes + i);
}

void unpack_uint4__simd(const uint8_t* packed, std::size_t n, uint8_t* codes) {
  std::size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const Nibbles nibbles = split(load(packed + i / 2));
    store(codes + i, nibbles.first);
    store(codes + i + 16, nibbles.second);
  }
  unpack_uint4__ref(packed + i / 2, n - i, codes + i);
}

}  // namespace narrowcast::kernels
