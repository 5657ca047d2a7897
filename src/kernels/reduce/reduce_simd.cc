#include "kernels/reduce/kinds.h"

namespace narrowcast::kernels {
namespace {

template <class Join, class Map>
struct Variant {
  static void reduce(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y) {
    for (std::size_t o = 0; o < outer; ++o) {
      const float* from = x + o * n * inner;
      if (inner == 1) {
        y[o] = order::reduce_row__simd<Join>(from, n, Map{});
      } else {
        order::reduce_columns__simd<Join>(from, n, inner, inner, order::AnyColumn<Map>{}, y + o * inner);
      }
    }
  }
};

}  // namespace

ReduceF32 reduce_f32__simd(ReduceKind kind) { return order::variant_for<Variant>(kind); }

}  // namespace narrowcast::kernels
