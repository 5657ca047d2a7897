#include "kernels/lanes/binary.h"
#include "kernels/lanes/pairs.h"

namespace narrowcast::kernels {
namespace {

using lanes::F4;

// Four floats, of which `count` are read from `from`.
F4 load_some(const float* from, std::size_t count) {
  float lanes[4] = {};
  std::memcpy(lanes, from, 4 * count);
  return lanes::load<F4>(lanes);
}

// Steps of 0 repeat the one element; it is read before y, which may be it, is written.
template <class Formula, int a_step, int b_step>
void each(const float* a, const float* b, float* y, std::size_t n) {
  if (n == 0) return;
  const F4 first_a = lanes::splat<F4>(*a);
  const F4 first_b = lanes::splat<F4>(*b);
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const F4 left = a_step != 0 ? lanes::load<F4>(a + i) : first_a;
    const F4 right = b_step != 0 ? lanes::load<F4>(b + i) : first_b;
    lanes::store(y + i, Formula::of(left, right));
  }
  if (i == n) return;
  const F4 left = a_step != 0 ? load_some(a + i, n - i) : first_a;
  const F4 right = b_step != 0 ? load_some(b + i, n - i) : first_b;
  float tail[4];
  lanes::store(tail, Formula::of(left, right));
  std::memcpy(y + i, tail, 4 * (n - i));
}

template <class Formula>
constexpr BinaryForms forms() {
  return {each<Formula, 1, 1>, each<Formula, 1, 0>, each<Formula, 0, 1>};
}

template <int a_step, int b_step>
void pow_each(const float* a, const float* b, float* y, std::size_t n) {
  if (n == 0) return;
  const float first_a = *a;
  const float first_b = *b;
  for (std::size_t i = 0; i < n; ++i) y[i] = pow_f32(a_step != 0 ? a[i] : first_a, b_step != 0 ? b[i] : first_b);
}

// One exponent for all: what needs no logarithm runs in lanes.
void pow_vector_scalar(const float* a, const float* b, float* y, std::size_t n) {
  if (n == 0) return;
  const float exponent = *b;
  if (exponent == 2.0f) return each<lanes::BinaryFormula<BinaryKind::mul>, 1, 1>(a, a, y, n);
  if (exponent == 0.5f) return each<lanes::PowerOfHalf, 1, 1>(a, a, y, n);
  const float one = 1.0f;
  if (exponent == -1.0f) return each<lanes::BinaryFormula<BinaryKind::div>, 0, 1>(&one, a, y, n);
  pow_each<1, 0>(a, b, y, n);
}

}  // namespace

BinaryForms binary_f32__simd(BinaryKind kind) {
  switch (kind) {
#define NC_ENTRY(name)   \
  case BinaryKind::name: \
    return forms<lanes::BinaryFormula<BinaryKind::name>>();
    NC_BINARY_KINDS_WITH_LANES(NC_ENTRY)
#undef NC_ENTRY
    case BinaryKind::pow:
      return {pow_each<1, 1>, pow_vector_scalar, pow_each<0, 1>};
  }
  return {};
}

}  // namespace narrowcast::kernels
