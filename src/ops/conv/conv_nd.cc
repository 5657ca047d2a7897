#include "ops/conv/conv_nd.h"

#include "ops/conv/spatial.h"

namespace narrowcast::ops {
template <typename T>
void conv_nd(const Tensor& x, const Tensor& w, const T* bias, const Window& window, std::size_t groups, Tensor& y) {
  const std::size_t in_c = at(x.shape, 1);
  const std::size_t out_c = at(w.shape, 0);
  const std::size_t group_in = at(w.shape, 1);
  const std::size_t x_plane = spatial_count(x.shape);
  const std::size_t taps = spatial_count(w.shape);
  const std::size_t y_plane = spatial_count(y.shape);
  std::vector<std::size_t> out(x.rank() - 2, 0);
  std::vector<std::size_t> kernel(x.rank() - 2, 0);
  T* to = y.writable<T>();
  for (std::size_t i = 0; i < at(x.shape, 0) * out_c * y_plane; ++i) {
    const std::size_t o = i / y_plane % out_c;
    const std::size_t image = i / y_plane / out_c;
    const std::size_t group = o / (out_c / groups);
    T sum = bias == nullptr ? T{0} : bias[o];
    for (std::size_t c = 0; c < group_in; ++c) {
      const T* plane = x.as<T>() + (image * in_c + group * group_in + c) * x_plane;
      const T* weights = w.as<T>() + (o * group_in + c) * taps;
      for (std::size_t k = 0; k < taps; ++k, advance(kernel, w.shape)) {
        const auto offset = window_offset(x.shape, window, out, kernel);
        if (offset) sum = sum + plane[*offset] * weights[k];
      }
    }
    to[i] = sum;
    advance(out, y.shape);
  }
}

template void conv_nd<float>(const Tensor&, const Tensor&, const float*, const Window&, std::size_t, Tensor&);
template void conv_nd<uint32_t>(const Tensor&, const Tensor&, const uint32_t*, const Window&, std::size_t, Tensor&);
template void conv_nd<double>(const Tensor&, const Tensor&, const double*, const Window&, std::size_t, Tensor&);

}  // namespace narrowcast::ops
