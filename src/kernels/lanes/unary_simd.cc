#include "kernels/lanes/activations.h"
#include "kernels/lanes/unary.h"

namespace narrowcast::kernels {
namespace {

using lanes::F4;

template <class Formula>
void each(const float* x, float* y, std::size_t n, const LaneParams& p) {
  const F4 a = lanes::splat<F4>(p.a);
  const F4 b = lanes::splat<F4>(p.b);
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {  // two chains of operations at a time
    const F4 first = Formula::of(lanes::load<F4>(x + i), a, b);
    const F4 second = Formula::of(lanes::load<F4>(x + i + 4), a, b);
    lanes::store(y + i, first);
    lanes::store(y + i + 4, second);
  }
  for (; i + 4 <= n; i += 4) lanes::store(y + i, Formula::of(lanes::load<F4>(x + i), a, b));
  if (i == n) return;
  float tail[4] = {};
  std::memcpy(tail, x + i, 4 * (n - i));
  lanes::store(tail, Formula::of(lanes::load<F4>(tail), a, b));
  std::memcpy(y + i, tail, 4 * (n - i));
}

}  // namespace

UnaryF32 unary_f32__simd(UnaryKind kind) {
  static constexpr UnaryF32 kTable[] = {
#define NC_ENTRY(name) each<lanes::UnaryFormula<UnaryKind::name>>,
      NC_UNARY_KINDS(NC_ENTRY)
#undef NC_ENTRY
  };
  return kTable[static_cast<std::size_t>(kind)];
}

}  // namespace narrowcast::kernels
