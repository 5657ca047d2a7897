#include "ops/broadcast.h"

#include <algorithm>

namespace narrowcast::ops {

Result<Shape> broadcast(const Shape& a, const Shape& b) {
  const std::size_t rank = std::max(a.size(), b.size());
  Shape out(rank);
  for (std::size_t i = 1; i <= rank; ++i) {
    const int64_t x = i <= a.size() ? a[a.size() - i] : 1;
    const int64_t y = i <= b.size() ? b[b.size() - i] : 1;
    int64_t& size = out[rank - i];
    if (x == y || y == 1) {
      size = x;
    } else if (x == 1) {
      size = y;
    } else if (x < 0 || y < 0) {
      size = std::max(x, y);
    } else {
      return fail(ErrorCode::malformed, "Shapes " + shape_text(a) + " and " + shape_text(b) + " do not broadcast.");
    }
  }
  return out;
}

bool stretches(const Shape& from, const Shape& to) {
  if (from.size() > to.size()) return false;
  const std::size_t missing = to.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 1 && from[i] != to[i + missing]) return false;
  }
  return true;
}

}  // namespace narrowcast::ops
