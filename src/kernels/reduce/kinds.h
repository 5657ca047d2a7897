// What each ReduceKind joins and how.
#pragma once

#include "kernels/reduce/order.h"
#include "kernels/reduce/reduce.h"

namespace narrowcast::kernels::order {

struct Square {
  template <lanes::FloatLane F>
  NC_LANE_INLINE F operator()(F x) const {
    return x * x;
  }
};
struct Magnitude {
  template <lanes::FloatLane F>
  NC_LANE_INLINE F operator()(F x) const {
    return lanes::abs(x);
  }
};

// A row's map as one of columns, which know their number.
template <class Map>
struct AnyColumn {
  Map map;
  template <lanes::FloatLane F>
  NC_LANE_INLINE F operator()(F x, std::size_t) const {
    return map(x);
  }
};

// Means are sums, divided in the end.
inline void divide_by_n(std::size_t n, std::size_t results, float* y) {
  if (n == 0) return;
  for (std::size_t i = 0; i < results; ++i) y[i] /= static_cast<float>(n);
}

// The table of both variants; Variant<Join, Map>::reduce is one of them.
template <template <class, class> class Variant>
ReduceF32 variant_for(ReduceKind kind) {
  switch (kind) {
    case ReduceKind::sum:
      return Variant<Sum, Itself>::reduce;
    case ReduceKind::mean:
      return [](const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y) {
        Variant<Sum, Itself>::reduce(x, outer, n, inner, y);
        divide_by_n(n, outer * inner, y);
      };
    case ReduceKind::max:
      return Variant<Max, Itself>::reduce;
    case ReduceKind::min:
      return Variant<Min, Itself>::reduce;
    case ReduceKind::prod:
      return Variant<Product, Itself>::reduce;
    case ReduceKind::sum_square:
      return Variant<Sum, Square>::reduce;
    case ReduceKind::sum_abs:
      return Variant<Sum, Magnitude>::reduce;
  }
  return nullptr;
}

}  // namespace narrowcast::kernels::order
