#include "kernels/lanes/binary.h"
#include "kernels/lanes/pairs.h"

namespace narrowcast::kernels {
namespace {

using lanes::F1;

template <class Formula>
float one(float a, float b) {
  return Formula::of(F1{a}, F1{b}).v;
}

// Steps of 0 repeat the one element; it is read before y, which may be it, is written.
template <float (*f)(float, float), int a_step, int b_step>
void each(const float* a, const float* b, float* y, std::size_t n) {
  if (n == 0) return;
  const float first_a = *a;
  const float first_b = *b;
  for (std::size_t i = 0; i < n; ++i) y[i] = f(a_step != 0 ? a[i] : first_a, b_step != 0 ? b[i] : first_b);
}

template <float (*f)(float, float)>
constexpr BinaryForms forms() {
  return {each<f, 1, 1>, each<f, 1, 0>, each<f, 0, 1>};
}

}  // namespace

BinaryForms binary_f32__ref(BinaryKind kind) {
  switch (kind) {
#define NC_ENTRY(name)   \
  case BinaryKind::name: \
    return forms<one<lanes::BinaryFormula<BinaryKind::name>>>();
    NC_BINARY_KINDS_WITH_LANES(NC_ENTRY)
#undef NC_ENTRY
    case BinaryKind::pow:
      return forms<pow_f32>();
  }
  return {};
}

const char* name_of(BinaryKind kind) {
  static constexpr const char* kNames[] = {
#define NC_ENTRY(name) #name,
      NC_BINARY_KINDS_WITH_LANES(NC_ENTRY)
#undef NC_ENTRY
          "pow"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace narrowcast::kernels
