// What every observer needs of a tensor first: its finite extremes, and how much of it is not finite.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace narrowcast::calib {

struct Extremes {
  float min = std::numeric_limits<float>::infinity();   // of the finite values; above max when there is none
  float max = -std::numeric_limits<float>::infinity();  // a zero of either sign is +0
  uint64_t finite = 0;
  uint64_t nan = 0;
  uint64_t pos_inf = 0;
  uint64_t neg_inf = 0;

  [[nodiscard]] uint64_t seen() const { return finite + nan + pos_inf + neg_inf; }
  friend bool operator==(const Extremes&, const Extremes&) = default;
};

Extremes join(const Extremes& a, const Extremes& b);

// x: n float32, any alignment.
Extremes find_extremes(const void* x, std::size_t n);

}  // namespace narrowcast::calib
