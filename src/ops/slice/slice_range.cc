#include "ops/slice/slice_range.h"

#include <algorithm>

namespace narrowcast::ops {
namespace {

// Counted from the front, cut to [low, high].
int64_t placed(int64_t bound, int64_t size, int64_t low, int64_t high) {
  return std::clamp(bound < 0 ? bound + size : bound, low, high);
}

}  // namespace

SliceRange slice_range(int64_t size, int64_t start, int64_t end, int64_t step) {
  if (size <= 0) return {};
  if (step > 0) {
    const int64_t first = placed(start, size, 0, size);
    const int64_t room = placed(end, size, 0, size) - first;
    return {first, room <= 0 ? 0 : (room - 1) / step + 1};
  }
  const int64_t first = placed(start, size, 0, size - 1);
  const int64_t room = first - placed(end, size, -1, size - 1);
  // -step of the smallest integer does not exist; its slice has one entry.
  return {first, room <= 0 ? 0 : 1 - (room - 1) / step};
}

std::vector<int64_t> take(const std::vector<int64_t>& list, SliceRange range, int64_t step) {
  std::vector<int64_t> taken;
  int64_t at = range.start;
  for (int64_t i = 0; i < range.count; ++i) {
    if (at < 0 || at >= static_cast<int64_t>(list.size())) break;
    taken.push_back(list[static_cast<std::size_t>(at)]);
    if (__builtin_add_overflow(at, step, &at)) break;
  }
  return taken;
}

}  // namespace narrowcast::ops
