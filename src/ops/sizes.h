// Arithmetic on sizes that come from a file: what is unknown, below zero or too large for 63 bits is unknown.
#pragma once

#include <span>

#include "ir/payload.h"

namespace narrowcast::ops {

int64_t add_sizes(int64_t a, int64_t b);
int64_t multiply_sizes(int64_t a, int64_t b);
// Product of the sizes, 1 when there are none. Zero only if one is zero and none is unknown.
int64_t multiply_sizes(std::span<const int64_t> sizes);
// floor(a / b); unknown when b is not above zero.
int64_t divide_sizes(int64_t a, int64_t b);

// A size that is known, as the loops count.
inline std::size_t at(const Shape& shape, std::size_t axis) { return static_cast<std::size_t>(shape[axis]); }

// Larger sizes, pads and strides belong to no model. Products of two of them fit in 63 bits.
inline constexpr int64_t kMaxModest = int64_t{1} << 31;
constexpr bool is_modest(int64_t value) { return value >= -kMaxModest && value <= kMaxModest; }

}  // namespace narrowcast::ops
