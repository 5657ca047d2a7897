// What the kernels' tests share: awkward lengths and alignments, hostile floats, and hashes that pin native against
// wasm.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/elements.h"

namespace narrowcast::kernels::test {

inline constexpr std::size_t kLengths[] = {0, 1, 3, 7, 15, 16, 17, 31, 33, 63, 64, 65, 100, 1000, 1023};
inline constexpr std::size_t kMisalignments[] = {0, 1, 2, 3, 4, 7, 8, 12};

// splitmix64: one fixed sequence per seed, in every build.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  // [-1, 1)
  float uniform() { return static_cast<float>(static_cast<int64_t>(next() >> 40) - 0x800000) * 0x1p-23f; }
  // Any pattern at all: every exponent, NaN and infinities among them.
  float any() { return std::bit_cast<float>(static_cast<uint32_t>(next())); }

 private:
  uint64_t state_;
};

inline constexpr float kHostile[] = {0.0f,
                                     -0.0f,
                                     std::numeric_limits<float>::infinity(),
                                     -std::numeric_limits<float>::infinity(),
                                     std::numeric_limits<float>::quiet_NaN(),
                                     std::numeric_limits<float>::denorm_min(),
                                     -std::numeric_limits<float>::denorm_min(),
                                     std::numeric_limits<float>::min(),
                                     std::numeric_limits<float>::max(),
                                     std::numeric_limits<float>::lowest(),
                                     0.5f,
                                     -0.5f,
                                     1.5f,
                                     -2.5f,
                                     0.49999997f,
                                     126.5f,
                                     -127.5f,
                                     -128.5f,
                                     8388607.5f,
                                     1e10f,
                                     65504.0f,
                                     65519.996f,
                                     65520.0f,
                                     0x1p-24f,
                                     0x1p-25f,
                                     0x1.8p-25f,
                                     0x1p-14f};

enum class Mix { ordinary, halves, hostile };

// n floats: ordinary: within +-4; halves: multiples of 0.25 within +-160, so ties are common at scales 1, 0.5 and 2;
// hostile: the list above, any pattern and ordinary ones, mixed.
inline std::vector<float> floats(std::size_t n, Mix mix, uint64_t seed) {
  Random random(seed);
  std::vector<float> values(n);
  for (float& value : values) {
    value = random.uniform() * 4;
    if (mix == Mix::halves) value = static_cast<float>(static_cast<int>(random.below(1281)) - 640) * 0.25f;
    if (mix == Mix::hostile) {
      const std::size_t dice = random.below(4);
      if (dice == 0) value = kHostile[random.below(std::size(kHostile))];
      if (dice == 1) value = random.any();
    }
  }
  return values;
}

// The floats' bytes, `misalignment` bytes after an aligned address and with nothing after them, for ASan to watch.
class Unaligned {
 public:
  Unaligned(const std::vector<float>& values, std::size_t misalignment)
      : bytes_(4 * values.size() + misalignment), misalignment_(misalignment) {
    if (!values.empty()) std::memcpy(data(), values.data(), 4 * values.size());
  }
  uint8_t* data() { return bytes_.data() + misalignment_; }

 private:
  std::vector<uint8_t> bytes_;
  std::size_t misalignment_;
};

// FNV-1a, 64 bits.
inline uint64_t hash(const void* data, std::size_t bytes, uint64_t seed = 0xCBF29CE484222325u) {
  const auto* from = static_cast<const uint8_t*>(data);
  for (std::size_t i = 0; i < bytes; ++i) seed = (seed ^ from[i]) * 0x100000001B3u;
  return seed;
}
template <typename T>
uint64_t hash(const std::vector<T>& values, uint64_t seed = 0xCBF29CE484222325u) {
  return hash(values.data(), values.size() * sizeof(T), seed);
}

// As bits: -0 and +0 differ, NaN equals the same NaN.
inline std::vector<uint32_t> bits(const std::vector<float>& values) {
  std::vector<uint32_t> patterns;
  for (float value : values) patterns.push_back(std::bit_cast<uint32_t>(value));
  return patterns;
}

// As bits() and hash(), but every NaN is one: which NaN arithmetic makes differs between machines.
inline std::vector<uint32_t> value_bits(const std::vector<float>& values) {
  std::vector<uint32_t> patterns = bits(values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != values[i]) patterns[i] = 0x7FC00000u;
  }
  return patterns;
}
inline uint64_t value_hash(const std::vector<float>& values) { return hash(value_bits(values)); }

// The distance of `got` from `want` in units in the last place of float32; 2^-149 is the unit below 2^-126. Equal
// infinities and two NaN are 0 apart.
inline double units_apart(float got, double want) {
  if (want != want || got != got) return want != want && got != got ? 0 : std::numeric_limits<double>::infinity();
  const auto rounded = static_cast<float>(want);
  if (got == rounded) return 0;
  const uint32_t exponent = std::bit_cast<uint32_t>(rounded) >> 23 & 0xFFu;
  const double unit = std::bit_cast<double>(static_cast<uint64_t>((exponent < 1 ? 1 : exponent) - 150 + 1023) << 52);
  const double difference = static_cast<double>(got) - want;
  return (difference < 0 ? -difference : difference) / unit;
}

}  // namespace narrowcast::kernels::test
