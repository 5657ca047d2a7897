#include "ops/border.h"

namespace narrowcast::ops {

Shape with_border(const Shape& shape, const Border* border) {
  Shape wider = shape;
  if (border == nullptr || border->before.size() != shape.size()) return wider;
  for (std::size_t i = 0; i < wider.size(); ++i) wider[i] += border->before[i] + border->after[i];
  return wider;
}

}  // namespace narrowcast::ops
