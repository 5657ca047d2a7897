// Sums of two float64, hi + lo with |lo| <= ulp(hi) / 2: about 106 bits, from + - * / alone (Dekker 1971; no FMA, which
// wasm lacks).
#pragma once

namespace narrowcast::math {

struct DoubleDouble {
  double hi = 0;
  double lo = 0;
};

// a + b exactly.
constexpr DoubleDouble two_sum(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

// a + b exactly, when |a| >= |b| or a == 0.
constexpr DoubleDouble fast_two_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

// a * b exactly, for |a|, |b| < 2^995 and a product that is not subnormal: each factor splits into 26-bit halves.
constexpr DoubleDouble two_product(double a, double b) {
  constexpr double kSplit = 0x1p27 + 1;
  const double a_big = a * kSplit;
  const double b_big = b * kSplit;
  const double a_hi = a_big - (a_big - a);
  const double b_hi = b_big - (b_big - b);
  const double a_lo = a - a_hi;
  const double b_lo = b - b_hi;
  const double product = a * b;
  return {product, ((a_hi * b_hi - product) + a_hi * b_lo + a_lo * b_hi) + a_lo * b_lo};
}

constexpr DoubleDouble add(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble sum = two_sum(a.hi, b.hi);
  return fast_two_sum(sum.hi, sum.lo + (a.lo + b.lo));
}

constexpr DoubleDouble multiply(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble product = two_product(a.hi, b.hi);
  return fast_two_sum(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi));
}

}  // namespace narrowcast::math
