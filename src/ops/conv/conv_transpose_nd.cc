#include "ops/conv/conv_transpose_nd.h"

#include <algorithm>

#include "ops/conv/spatial.h"

namespace narrowcast::ops {
template <typename T>
void conv_transpose_nd(const Tensor& x, const Tensor& w, const T* bias, const Window& window, std::size_t groups,
                       Tensor& y) {
  const std::size_t in_c = at(x.shape, 1);
  const std::size_t out_c = at(y.shape, 1);
  const std::size_t group_out = at(w.shape, 1);
  const std::size_t x_plane = spatial_count(x.shape);
  const std::size_t y_plane = spatial_count(y.shape);
  const std::size_t taps = spatial_count(w.shape);
  T* const to = y.writable<T>();
  for (std::size_t i = 0; i < y.count(); ++i) to[i] = bias == nullptr ? T{0} : bias[i / y_plane % out_c];
  std::vector<std::size_t> in(x.rank() - 2, 0);
  std::vector<std::size_t> kernel(x.rank() - 2, 0);
  for (std::size_t i = 0; i < x.count(); ++i, advance(in, x.shape)) {
    const std::size_t image = i / x_plane / in_c;
    const std::size_t c = i / x_plane % in_c;
    const std::size_t first = c / (in_c / groups) * group_out;
    for (std::size_t k = 0; k < taps; ++k, advance(kernel, w.shape)) {
      const auto offset = window_offset(y.shape, window, in, kernel);
      if (!offset) continue;
      for (std::size_t o = 0; o < group_out; ++o) {
        T& sum = to[(image * out_c + first + o) * y_plane + *offset];
        sum = sum + x.as<T>()[i] * w.as<T>()[(c * group_out + o) * taps + k];
      }
    }
  }
}

template void conv_transpose_nd<float>(const Tensor&, const Tensor&, const float*, const Window&, std::size_t, Tensor&);
template void conv_transpose_nd<double>(const Tensor&, const Tensor&, const double*, const Window&, std::size_t,
                                        Tensor&);

}  // namespace narrowcast::ops
