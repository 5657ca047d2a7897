#pragma once

#include "ops/op.h"

namespace narrowcast::ops {

// The entries that a slice takes of an axis, as Python does it: from `start` towards `end`, `count` of them.
struct SliceRange {
  int64_t start = 0;
  int64_t count = 0;
};

// `size` and `step` are known, `step` is not zero. Bounds below zero count from the end; beyond the axis they are cut.
SliceRange slice_range(int64_t size, int64_t start, int64_t end, int64_t step);

// The entries of a list that the range takes.
std::vector<int64_t> take(const std::vector<int64_t>& list, SliceRange range, int64_t step);

}  // namespace narrowcast::ops
