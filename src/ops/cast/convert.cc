#include "ops/cast/convert.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/half.h"
#include "base/int4.h"
#include "base/math/round.h"
#include "ops/cast/float8.h"

namespace narrowcast::ops {
namespace {

constexpr std::size_t kChunk = 256;  // even: 4-bit elements share bytes

// What an element is brought to on the way: its value is exact in one of the three.
enum class Wide : uint8_t { real, integer, natural };

struct Chunk {
  std::array<double, kChunk> reals;
  std::array<int64_t, kChunk> integers;  // natural ones as their bits
};

bool is_small(DType dtype) {
  return dtype == DType::f8_e4m3fn || dtype == DType::f8_e4m3fnuz || dtype == DType::f8_e5m2 ||
         dtype == DType::f8_e5m2fnuz || dtype == DType::f4_e2m1;
}
bool is_real(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f64 || dtype == DType::f16 || dtype == DType::bf16 || is_small(dtype);
}

Wide wide_of(DType dtype) {
  if (is_real(dtype)) return Wide::real;
  return dtype == DType::u64 ? Wide::natural : Wide::integer;
}

unsigned nibble(const uint8_t* bytes, std::size_t i) {
  return i % 2 == 0 ? low_nibble_u4(bytes[i / 2]) : high_nibble_u4(bytes[i / 2]);
}

template <typename Element, typename From>
Element number(From from) {
  return static_cast<Element>(from);
}

template <typename Stored, typename Element, typename Convert>
void load_with(const Tensor& from, std::size_t begin, std::size_t n, Element* to, Convert convert) {
  const Stored* stored = from.as<Stored>() + begin;
  for (std::size_t i = 0; i < n; ++i) to[i] = number<Element>(convert(stored[i]));
}
template <typename Stored, typename Element>
void load_as(const Tensor& from, std::size_t begin, std::size_t n, Element* to) {
  load_with<Stored>(from, begin, n, to, [](Stored value) { return value; });
}

void load_reals(const Tensor& from, std::size_t begin, std::size_t n, double* to) {
  const SmallFloat format = small_float(from.dtype);
  switch (from.dtype) {
    case DType::f64:
      return load_as<double>(from, begin, n, to);
    case DType::f32:
      return load_as<float>(from, begin, n, to);
    case DType::f16:
      return load_with<uint16_t>(from, begin, n, to, f16_to_f32);
    case DType::bf16:
      return load_with<uint16_t>(from, begin, n, to, bf16_to_f32);
    case DType::f4_e2m1:
      for (std::size_t i = 0; i < n; ++i) {
        to[i] = static_cast<double>(decode_small(format, nibble(from.data, begin + i)));
      }
      return;
    default:
      return load_with<uint8_t>(from, begin, n, to, [&](uint8_t code) { return decode_small(format, code); });
  }
}

void load_integers(const Tensor& from, std::size_t begin, std::size_t n, int64_t* to) {
  switch (from.dtype) {
    case DType::i8:
      return load_as<int8_t>(from, begin, n, to);
    case DType::i16:
      return load_as<int16_t>(from, begin, n, to);
    case DType::u16:
      return load_as<uint16_t>(from, begin, n, to);
    case DType::i32:
      return load_as<int32_t>(from, begin, n, to);
    case DType::u32:
      return load_as<uint32_t>(from, begin, n, to);
    case DType::i64:
    case DType::u64:
      return load_as<int64_t>(from, begin, n, to);
    case DType::i4:
      for (std::size_t i = 0; i < n; ++i) {
        to[i] = number<int64_t>(sign_extend_nibble(static_cast<uint8_t>(nibble(from.data, begin + i))));
      }
      return;
    case DType::u4:
      for (std::size_t i = 0; i < n; ++i) to[i] = nibble(from.data, begin + i);
      return;
    default:
      return load_as<uint8_t>(from, begin, n, to);
  }
}

// Towards zero; the smallest integer for NaN and what is out of range, as the machine's conversion has it.
template <typename Integer>
Integer truncated(double x) {
  constexpr double kBeyond = -static_cast<double>(std::numeric_limits<Integer>::min());
  const bool fits = sizeof(Integer) == 8 ? x >= -kBeyond && x < kBeyond : x > -kBeyond - 1 && x < kBeyond;
  return fits ? static_cast<Integer>(x) : std::numeric_limits<Integer>::min();
}

// The upper half of the unsigned range is converted 2^31 or 2^63 lower and then raised by its top bit.
template <typename Signed, typename Unsigned>
Unsigned truncated_unsigned(double x) {
  constexpr double kHalf = -static_cast<double>(std::numeric_limits<Signed>::min());
  const bool upper = x >= kHalf;
  const auto low = static_cast<Unsigned>(truncated<Signed>(upper ? x - kHalf : x));
  return upper ? low ^ static_cast<Unsigned>(std::numeric_limits<Signed>::min()) : low;
}

int64_t integer_of(double x, DType dtype) {
  switch (dtype) {
    case DType::i64:
      return truncated<int64_t>(x);
    case DType::u64:
      return static_cast<int64_t>(truncated_unsigned<int64_t, uint64_t>(x));
    case DType::u32:
      return truncated_unsigned<int32_t, uint32_t>(x);
    case DType::i4:
    case DType::u4:
      return truncated<int32_t>(math::round_half_away(x));
    case DType::boolean:
      return x != 0 ? 1 : 0;
    default:
      return truncated<int32_t>(x);
  }
}

float narrowed(double x) { return x != x ? std::bit_cast<float>(kFloatNanBits) : static_cast<float>(x); }

void store_nibbles(const int64_t* from, std::size_t n, const Tensor& to, std::size_t begin) {
  auto* bytes = to.writable<uint8_t>() + begin / 2;
  for (std::size_t i = 0; i < n; i += 2) {
    bytes[i / 2] = pack_nibbles(static_cast<uint8_t>(from[i]), i + 1 < n ? static_cast<uint8_t>(from[i + 1]) : 0);
  }
}

template <typename Stored>
void store_low(const int64_t* from, std::size_t n, const Tensor& to, std::size_t begin) {
  auto* stored = to.writable<Stored>() + begin;
  for (std::size_t i = 0; i < n; ++i) stored[i] = static_cast<Stored>(from[i]);
}

// The low bits of each.
void store_integers(const int64_t* from, std::size_t n, const Tensor& to, std::size_t begin) {
  switch (dtype_bits(to.dtype)) {
    case 64:
      return store_low<int64_t>(from, n, to, begin);
    case 32:
      return store_low<int32_t>(from, n, to, begin);
    case 16:
      return store_low<int16_t>(from, n, to, begin);
    case 4:
      return store_nibbles(from, n, to, begin);
    default:
      return store_low<int8_t>(from, n, to, begin);
  }
}

// Of numbers that have been rounded to float32.
void store_small(const float* from, std::size_t n, const Tensor& to, std::size_t begin, bool saturates) {
  const SmallFloat format = small_float(to.dtype);
  if (to.dtype == DType::f4_e2m1) {
    std::array<int64_t, kChunk> codes{};
    for (std::size_t i = 0; i < n; ++i) codes[i] = encode_small(format, from[i], saturates);
    return store_nibbles(codes.data(), n, to, begin);
  }
  auto* codes = to.writable<uint8_t>() + begin;
  for (std::size_t i = 0; i < n; ++i) codes[i] = static_cast<uint8_t>(encode_small(format, from[i], saturates));
}

void store_floats(const float* from, std::size_t n, const Tensor& to, std::size_t begin, bool saturates) {
  switch (to.dtype) {
    case DType::f32:
      std::copy_n(from, n, to.writable<float>() + begin);
      return;
    case DType::f16:
      std::transform(from, from + n, to.writable<uint16_t>() + begin, f32_to_f16);
      return;
    case DType::bf16:
      std::transform(from, from + n, to.writable<uint16_t>() + begin, f32_to_bf16);
      return;
    default:
      return store_small(from, n, to, begin, saturates);
  }
}

template <typename Element, typename Narrow>
void store_reals(const Element* from, std::size_t n, const Tensor& to, std::size_t begin, bool saturates,
                 Narrow narrow) {
  if (to.dtype == DType::f64) {
    for (std::size_t i = 0; i < n; ++i) to.writable<double>()[begin + i] = static_cast<double>(from[i]);
    return;
  }
  std::array<float, kChunk> floats;
  for (std::size_t i = 0; i < n; ++i) floats[i] = narrow(from[i]);
  store_floats(floats.data(), n, to, begin, saturates);
}

void store_from_reals(Chunk& chunk, std::size_t n, const Tensor& to, std::size_t begin, bool saturates) {
  if (is_real(to.dtype)) return store_reals(chunk.reals.data(), n, to, begin, saturates, narrowed);
  for (std::size_t i = 0; i < n; ++i) chunk.integers[i] = integer_of(chunk.reals[i], to.dtype);
  store_integers(chunk.integers.data(), n, to, begin);
}

void store_from_integers(Chunk& chunk, std::size_t n, const Tensor& to, std::size_t begin, bool saturates, Wide wide) {
  if (is_real(to.dtype)) {
    if (wide == Wide::natural) {
      const auto* naturals = reinterpret_cast<const uint64_t*>(chunk.integers.data());
      return store_reals(naturals, n, to, begin, saturates, [](uint64_t value) { return static_cast<float>(value); });
    }
    return store_reals(chunk.integers.data(), n, to, begin, saturates,
                       [](int64_t value) { return static_cast<float>(value); });
  }
  if (to.dtype == DType::boolean) {
    for (std::size_t i = 0; i < n; ++i) chunk.integers[i] = chunk.integers[i] != 0 ? 1 : 0;
  }
  store_integers(chunk.integers.data(), n, to, begin);
}

}  // namespace

bool converts(DType dtype) {
  switch (dtype) {
    case DType::unknown:
    case DType::string:
    case DType::c64:
    case DType::c128:
    case DType::i2:
    case DType::u2:
    case DType::other:
      return false;
    default:
      return true;
  }
}

void convert_elements(const Tensor& from, const Tensor& to, bool saturates) {
  Chunk chunk;
  const std::size_t count = from.count();
  const Wide wide = wide_of(from.dtype);
  for (std::size_t begin = 0; begin < count; begin += kChunk) {
    const std::size_t n = std::min(kChunk, count - begin);
    if (wide == Wide::real) {
      load_reals(from, begin, n, chunk.reals.data());
      store_from_reals(chunk, n, to, begin, saturates);
    } else {
      load_integers(from, begin, n, chunk.integers.data());
      store_from_integers(chunk, n, to, begin, saturates, wide);
    }
  }
}

}  // namespace narrowcast::ops
