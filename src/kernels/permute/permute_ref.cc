#include <cstdint>
#include <cstring>

#include "kernels/permute/axes.h"

namespace narrowcast::kernels {

void transpose_32__ref(const void* x, std::size_t batch, std::size_t rows, std::size_t columns, void* y) {
  for (std::size_t i = 0; i < batch * rows * columns; ++i) {
    const std::size_t b = i / (rows * columns);
    const std::size_t r = i / columns % rows;
    const std::size_t c = i % columns;
    std::memcpy(static_cast<uint8_t*>(y) + 4 * ((b * columns + c) * rows + r), static_cast<const uint8_t*>(x) + 4 * i,
                4);
  }
}

// From the shape as it is given: element by element, its place in x from its coordinates in y.
bool permute__ref(const void* x, std::size_t element_bytes, std::span<const std::size_t> dims,
                  std::span<const std::size_t> order, void* y) {
  PermutedAxes merged;
  if (!merge_axes(dims, order, merged)) return false;
  std::size_t elements = 1;
  for (std::size_t length : dims) elements *= length;
  for (std::size_t to = 0; to < elements; ++to) {
    std::size_t rest = to;
    std::size_t from = 0;
    for (std::size_t i = order.size(); i-- > 0;) {
      std::size_t step = 1;
      for (std::size_t inner = order[i] + 1; inner < dims.size(); ++inner) step *= dims[inner];
      from += rest % dims[order[i]] * step;
      rest /= dims[order[i]];
    }
    std::memcpy(static_cast<uint8_t*>(y) + element_bytes * to, static_cast<const uint8_t*>(x) + element_bytes * from,
                element_bytes);
  }
  return true;
}

}  // namespace narrowcast::kernels
