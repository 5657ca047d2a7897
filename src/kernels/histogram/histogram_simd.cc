#include <algorithm>
#include <bit>
#include <vector>

#include "kernels/elements.h"
#include "kernels/histogram/histogram.h"
#include "kernels/simd.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

constexpr std::size_t kSlots = 2 * kHistogramBins;   // positive bins, then negative ones
constexpr std::size_t kTables = 4;                   // one a lane: neighbours mostly fall into the same bin
constexpr std::size_t kShort = 4096;                 // elements: below, clearing and adding up the tables costs more
constexpr std::size_t kLong = std::size_t{1} << 30;  // elements that 32-bit counts surely hold

float power_of_two(int exponent) { return std::bit_cast<float>(static_cast<uint32_t>(exponent + 127) << 23); }

// Two factors, because 2^138 is no float. Neither product rounds where the bin is not 0.
struct Scale {
  explicit Scale(int exponent)
      : first(f32x4_splat(exponent < -120 ? 0x1p64F : 1.0F)),
        second(f32x4_splat(power_of_two(exponent < -120 ? -exponent - 64 : -exponent))) {}
  V first;
  V second;
};

// The slot of each element. |x| * 2^-exponent < 2048, so adding 2^23 to its floor leaves the bin in the low bits; what
// is not finite gives some slot all the same.
V slots_of(V x, const Scale& scale) {
  const V y = f32x4_floor(f32x4_mul(f32x4_mul(f32x4_abs(x), scale.first), scale.second));
  const V bin = v_and(f32x4_add(y, f32x4_splat(0x1p23F)), i32x4_splat(kHistogramBins - 1));
  return v_or(bin, i32x4_shl(u32x4_shr(x, 31), 11));
}

// Zeros are counted like positive values and told apart afterwards.
V positive_zero(V x) { return f32x4_add(x, f32x4_splat(0)); }

bool is_finite(V x) {
  const V too_large = f32x4_ge(f32x4_abs(x), f32x4_splat(std::bit_cast<float>(0x7F800000U)));
  return !any_true(v_or(too_large, f32x4_ne(x, x)));
}

void add_to(HistogramCounts& counts, std::size_t slot, uint64_t count) {
  (slot < kHistogramBins ? counts.pos[slot] : counts.neg[slot - kHistogramBins]) += count;
}

void count_scalar(const void* x, std::size_t n, int exponent, HistogramCounts& counts) {
  const Scale scale(exponent);
  for (std::size_t i = 0; i < n; ++i) {
    const float value = load_f32(x, i);
    if (value - value != 0) continue;
    if (value == 0) {
      ++counts.zero;
      continue;
    }
    add_to(counts, static_cast<std::size_t>(i32x4_lane<0>(slots_of(f32x4_splat(value), scale))), 1);
  }
}

uint64_t sum_of_lanes(V x) {
  return static_cast<uint64_t>(i32x4_lane<0>(x)) + static_cast<uint64_t>(i32x4_lane<1>(x)) +
         static_cast<uint64_t>(i32x4_lane<2>(x)) + static_cast<uint64_t>(i32x4_lane<3>(x));
}

void count_four(V x, const Scale& scale, uint32_t* tables) {
  const V slots = slots_of(positive_zero(x), scale);
  const auto low = static_cast<uint64_t>(i64x2_lane<0>(slots));
  const auto high = static_cast<uint64_t>(i64x2_lane<1>(slots));
  ++tables[static_cast<uint32_t>(low)];
  ++tables[kSlots + (low >> 32)];
  ++tables[2 * kSlots + static_cast<uint32_t>(high)];
  ++tables[3 * kSlots + (high >> 32)];
}

// n: a multiple of 16.
void count_tables(const void* x, std::size_t n, int exponent, uint32_t* tables, HistogramCounts& counts) {
  const Scale scale(exponent);
  const V zero = i32x4_splat(0);
  V zeros = zero;
  for (std::size_t i = 0; i < n; i += 16) {
    const V v[4] = {load(element_f32(x, i)), load(element_f32(x, i + 4)), load(element_f32(x, i + 8)),
                    load(element_f32(x, i + 12))};
    // The sum is finite only when all of them are; the other way round is checked one by one.
    const V sum = f32x4_add(f32x4_add(v[0], v[1]), f32x4_add(v[2], v[3]));
    if (!is_finite(sum) && !(is_finite(v[0]) && is_finite(v[1]) && is_finite(v[2]) && is_finite(v[3]))) {
      count_scalar(element_f32(x, i), 16, exponent, counts);
      continue;
    }
    for (const V four : v) {
      zeros = i32x4_sub(zeros, f32x4_eq(four, zero));
      count_four(four, scale, tables);
    }
  }
  const uint64_t zero_count = sum_of_lanes(zeros);
  counts.zero += zero_count;
  counts.pos[0] -= zero_count;
}

}  // namespace

void histogram_f32__simd(const void* x, std::size_t n, int exponent, HistogramCounts& counts) {
  if (n < kShort) {
    count_scalar(x, n, exponent, counts);
    return;
  }
  std::vector<uint32_t> tables(kTables * kSlots);
  for (std::size_t at = 0; at < n; at += kLong) {
    const std::size_t count = std::min(kLong, n - at);
    const std::size_t whole = count / 16 * 16;
    std::ranges::fill(tables, 0);
    count_tables(element_f32(x, at), whole, exponent, tables.data(), counts);
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      uint64_t sum = 0;
      for (std::size_t table = 0; table < kTables; ++table) sum += tables[table * kSlots + slot];
      add_to(counts, slot, sum);
    }
    count_scalar(element_f32(x, at + whole), count - whole, exponent, counts);
  }
}

}  // namespace narrowcast::kernels
