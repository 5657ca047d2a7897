// n contiguous elements, four at a time and the last few one by one: body(at, F{}) with F of one or four lanes.
#pragma once

#include "kernels/lanes/lane.h"

namespace narrowcast::kernels::lanes {

struct At {
  std::size_t i;
  template <class F>
  NC_LANE_INLINE F get(const float* from) const {
    return load<F>(from + i);
  }
  template <class F>
  NC_LANE_INLINE void put(float* to, F value) const {
    store(to + i, value);
  }
};

template <class Body>
NC_LANE_INLINE void walk(std::size_t n, const Body& body) {
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) body(At{i}, F4{});
  for (; i < n; ++i) body(At{i}, F1{});
}

}  // namespace narrowcast::kernels::lanes
