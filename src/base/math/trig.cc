#include "base/math/trig.h"

#include <bit>
#include <cstdint>
#include <limits>

#include "base/math/double_double.h"
#include "base/math/round.h"

namespace narrowcast::math {
namespace {

__extension__ using Wide = unsigned __int128;

// pi / 2 in four parts, 33 bits each but for the last: multiples up to 2^20 of the first three are exact.
constexpr double kHalfPi[] = {0x1.921fb54400000p+0, 0x1.0b4611a600000p-34, 0x1.3198a2e000000p-69,
                              0x1.b839a252049c1p-104};
constexpr DoubleDouble kHalfPiPair{0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};

// The fraction bits of 2 / pi, the highest first, after one word of zeros.
constexpr uint64_t kTwoOverPi[] = {
    0x0000000000000000, 0xA2F9836E4E441529, 0xFC2757D1F534DDC0, 0xDB6295993C439041, 0xFE5163ABDEBBC561,
    0xB7246E3A424DD2E0, 0x06492EEA09D1921C, 0xFE1DEB1CB129A73E, 0xE88235F52EBB4484, 0xE99C7026B45F7E41,
    0x3991D639835339F4, 0x9C845F8BBDF9283B, 0x1FF897FFDE05980F, 0xEF2F118B5A0A6D1F, 0x6D367ECF27CB09B7,
    0x4F463F669E5FEA2D, 0x7527BAC7EBE5F17B, 0x3D0739F78A5292EA, 0x6BFB5FB11F8D5D08, 0x56033046FC7B6BAB,
    0xF0CFBC209AF4361D,
};

struct Reduced {
  unsigned quadrant;   // modulo 4
  DoubleDouble angle;  // x = quadrant * pi / 2 + angle, |angle| <= pi / 4 and a little
};

Reduced reduce_medium(double x) {
  const double n = round_half_even(x * 0x1.45f306dc9c883p-1);
  DoubleDouble rest = two_sum(x - n * kHalfPi[0], -(n * kHalfPi[1]));
  rest = add(rest, {-(n * kHalfPi[2]), 0});
  rest = add(rest, {-(n * kHalfPi[3]), 0});
  return {static_cast<unsigned>(static_cast<int>(n)) & 3u, rest};
}

uint64_t two_over_pi_bits(int from) {
  const int word = from / 64;
  const int shift = from % 64;
  return shift == 0 ? kTwoOverPi[word] : (kTwoOverPi[word] << shift) | (kTwoOverPi[word + 1] >> (64 - shift));
}

// x >= 2^20: x = m * 2^e with an integer m of 53 bits. Bits of 2 / pi that contribute multiples of 4 quadrants are left
// out; of the rest 192 are multiplied, so that even the worst cancellation (some 62 bits) leaves 75.
Reduced reduce_large(double x) {
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  const int e = static_cast<int>(bits >> 52) - 1075;
  const uint64_t m = (bits & 0x000FFFFFFFFFFFFFu) | 0x0010000000000000u;
  const int from = 64 + e - 2;  // the first of the bits weighs 2^-(e - 1), and m * 2^e times that 2 m
  const Wide low = static_cast<Wide>(m) * two_over_pi_bits(from + 128);
  const Wide middle = static_cast<Wide>(m) * two_over_pi_bits(from + 64) + static_cast<uint64_t>(low >> 64);
  const uint64_t high = m * two_over_pi_bits(from) + static_cast<uint64_t>(middle >> 64);
  // high:middle:low modulo 2^192 counts 2^-190 quadrants.
  unsigned quadrant = static_cast<unsigned>(high >> 62);
  Wide fraction = ((static_cast<Wide>(high) << 64) | static_cast<uint64_t>(middle)) << 2;
  fraction |= static_cast<uint64_t>(low) >> 62;
  const bool negative = fraction >> 127 != 0;
  if (negative) {
    fraction = ~fraction + 1;
    ++quadrant;
  }
  const auto part = [&](int shift) {
    return static_cast<double>(static_cast<int64_t>(static_cast<uint64_t>(fraction >> shift) & 0x7FFFFFFFFFFu));
  };
  DoubleDouble turn = add(two_sum(part(85) * 0x1p-43, part(42) * 0x1p-86), {part(0) * 0x1p-128, 0});
  turn = multiply(turn, kHalfPiPair);
  if (negative) turn = {-turn.hi, -turn.lo};
  return {quadrant & 3u, turn};
}

// Taylor to r^17: sin(r) = r + r^3 (-1/6 + ...), with the derivative carrying r.lo.
double sin_kernel(DoubleDouble r) {
  constexpr double kTerms[] = {-1.0 / 6,        1.0 / 120,         -1.0 / 5040,           1.0 / 362880,
                               -1.0 / 39916800, 1.0 / 6227020800., -1.0 / 1307674368000., 1.0 / 355687428096000.};
  const double z = r.hi * r.hi;
  double sum = 0;
  for (int i = 7; i >= 0; --i) sum = sum * z + kTerms[i];
  return r.hi + (r.hi * z * sum + r.lo * (1.0 - 0.5 * z));
}

// Taylor to r^18; the rounding of 1 - z / 2 is made good.
double cos_kernel(DoubleDouble r) {
  constexpr double kTerms[] = {1.0 / 24,        -1.0 / 720,          1.0 / 40320,           -1.0 / 3628800,
                               1.0 / 479001600, -1.0 / 87178291200., 1.0 / 20922789888000., -1.0 / 6402373705728000.};
  const double z = r.hi * r.hi;
  double sum = 0;
  for (int i = 7; i >= 0; --i) sum = sum * z + kTerms[i];
  const DoubleDouble base = fast_two_sum(1.0, -0.5 * z);
  return base.hi + (base.lo + (z * z * sum - r.hi * r.lo));
}

Reduced reduce(double x) {  // x >= 0
  if (x >= 0x1p20) return reduce_large(x);
  if (x > 0.7853981633974483) return reduce_medium(x);
  return {0, {x, 0}};
}

// The sine of x + quadrants * pi / 2, x >= 0.
double sin_shifted(double x, unsigned quadrants) {
  const Reduced at = reduce(x);
  const unsigned quadrant = (at.quadrant + quadrants) & 3u;
  const double value = (quadrant & 1u) != 0 ? cos_kernel(at.angle) : sin_kernel(at.angle);
  return (quadrant & 2u) != 0 ? -value : value;
}

bool finite(double x) { return x - x == 0; }

}  // namespace

double sin(double x) {
  if (!finite(x)) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0) return x;
  return x < 0 ? -sin_shifted(-x, 0) : sin_shifted(x, 0);
}

double cos(double x) {
  if (!finite(x)) return std::numeric_limits<double>::quiet_NaN();
  return sin_shifted(x < 0 ? -x : x, 1);
}

double tan(double x) {
  if (!finite(x)) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0) return x;
  const Reduced at = reduce(x < 0 ? -x : x);
  const double sine = sin_kernel(at.angle);
  const double cosine = cos_kernel(at.angle);
  const double value = (at.quadrant & 1u) != 0 ? -cosine / sine : sine / cosine;
  return x < 0 ? -value : value;
}

}  // namespace narrowcast::math
