#include "kernels/lanes/activations.h"
#include "kernels/lanes/unary.h"

namespace narrowcast::kernels {
namespace {

using lanes::F1;

template <class Formula>
void each(const float* x, float* y, std::size_t n, const LaneParams& p) {
  for (std::size_t i = 0; i < n; ++i) y[i] = Formula::of(F1{x[i]}, F1{p.a}, F1{p.b}).v;
}

}  // namespace

UnaryF32 unary_f32__ref(UnaryKind kind) {
  static constexpr UnaryF32 kTable[] = {
#define NC_ENTRY(name) each<lanes::UnaryFormula<UnaryKind::name>>,
      NC_UNARY_KINDS(NC_ENTRY)
#undef NC_ENTRY
  };
  return kTable[static_cast<std::size_t>(kind)];
}

const char* name_of(UnaryKind kind) {
  static constexpr const char* kNames[] = {
#define NC_ENTRY(name) #name,
      NC_UNARY_KINDS(NC_ENTRY)
#undef NC_ENTRY
  };
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace narrowcast::kernels
