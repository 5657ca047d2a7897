#include "ops/pool/pool_nd.h"

#include "base/math/pow.h"
#include "base/math/sqrt.h"
#include "ops/box.h"

namespace narrowcast::ops {
namespace {

using kernels::PoolAxis;

// Offsets of the output and of its channel's first element, in elements; `out` by spatial axis.
struct Place {
  std::size_t y;
  std::size_t x;       // of the channel, in memory
  std::size_t number;  // of the channel, counted over the batch
};

template <typename Visit>
void for_each_output(const Tensor& x, const Tensor& y, Visit visit) {
  const std::vector<int64_t> x_strides = strides_of(x.shape, x.layout);
  const std::vector<int64_t> y_strides = strides_of(y.shape, y.layout);
  std::vector<std::size_t> index(y.rank(), 0);
  std::vector<std::size_t> out(y.rank() - 2, 0);
  const std::size_t count = y.count();
  for (std::size_t i = 0; i < count; ++i) {
    Place place{0, 0, 0};
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
      place.y += index[axis] * static_cast<std::size_t>(y_strides[axis]);
      if (axis >= 2) out[axis - 2] = index[axis];
    }
    place.x = index[0] * static_cast<std::size_t>(x_strides[0]) + index[1] * static_cast<std::size_t>(x_strides[1]);
    place.number = index[0] * static_cast<std::size_t>(x.shape[1]) + index[1];
    visit(place, out);
    for (std::size_t axis = index.size(); axis-- > 0;) {
      if (++index[axis] < static_cast<std::size_t>(y.shape[axis])) break;
      index[axis] = 0;
    }
  }
}

std::vector<std::size_t> spatial_strides(const Tensor& x) {
  const std::vector<int64_t> strides = strides_of(x.shape, x.layout);
  return {strides.begin() + 2, strides.end()};
}

// A spatial offset in memory as a flat index of the channel.
std::size_t flat_of(const Tensor& x, const std::vector<std::size_t>& strides, std::size_t offset, bool column_major) {
  std::size_t flat = 0;
  std::size_t scale = 1;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    const std::size_t axis = column_major ? i : strides.size() - 1 - i;
    const auto size = static_cast<std::size_t>(x.shape[axis + 2]);
    flat += offset / strides[axis] % size * scale;
    scale *= size;
  }
  return flat;
}

}  // namespace

template <typename T>
void max_pool_nd(const Tensor& x, const std::vector<PoolAxis>& axes, bool column_major, const Tensor& y,
                 int64_t* indices) {
  const std::vector<std::size_t> strides = spatial_strides(x);
  std::size_t plane = 1;
  for (const PoolAxis& axis : axes) plane *= axis.in;
  for_each_output(x, y, [&](const Place& place, const std::vector<std::size_t>& out) {
    const T* from = x.as<T>() + place.x;
    bool any = false;
    T best{};
    std::size_t where = 0;
    for_each_tap(axes, out, strides, [&](std::size_t offset) {
      if (any && !(best < from[offset])) return;
      any = true;
      best = from[offset];
      where = offset;
    });
    y.writable<T>()[place.y] = best;
    if (indices != nullptr) {
      indices[place.y] = static_cast<int64_t>(place.number * plane + flat_of(x, strides, where, column_major));
    }
  });
}
template void max_pool_nd<float>(const Tensor&, const std::vector<PoolAxis>&, bool, const Tensor&, int64_t*);
template void max_pool_nd<double>(const Tensor&, const std::vector<PoolAxis>&, bool, const Tensor&, int64_t*);
template void max_pool_nd<int8_t>(const Tensor&, const std::vector<PoolAxis>&, bool, const Tensor&, int64_t*);
template void max_pool_nd<uint8_t>(const Tensor&, const std::vector<PoolAxis>&, bool, const Tensor&, int64_t*);

void average_pool_nd(const Tensor& x, const std::vector<PoolAxis>& axes, bool count_pads, const Tensor& y) {
  const std::vector<std::size_t> strides = spatial_strides(x);
  for_each_output(x, y, [&](const Place& place, const std::vector<std::size_t>& out) {
    const float* from = x.as<float>() + place.x;
    float sum = 0;
    for_each_tap(axes, out, strides, [&](std::size_t offset) { sum += from[offset]; });
    std::size_t count = 1;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const PoolAxis& axis = axes[i];
      count *= (count_pads ? axis.taps(out[i], axis.pad_begin, axis.pad_end) : axis.taps(out[i], 0, 0)).count();
    }
    y.writable<float>()[place.y] = sum / static_cast<float>(count);
  });
}

double lp_term(double x, int64_t p) {
  const double magnitude = x < 0 ? -x : x;
  if (p == 1) return magnitude;
  return p == 2 ? x * x : math::pow(magnitude, static_cast<double>(p));
}

double lp_root(double sum, int64_t p) {
  if (p == 1) return sum;
  return p == 2 ? math::sqrt(sum) : math::pow(sum, 1 / static_cast<double>(p));
}

void lp_pool_nd(const Tensor& x, const std::vector<PoolAxis>& axes, int64_t p, const Tensor& y) {
  const std::vector<std::size_t> strides = spatial_strides(x);
  for_each_output(x, y, [&](const Place& place, const std::vector<std::size_t>& out) {
    const float* from = x.as<float>() + place.x;
    double sum = 0;
    for_each_tap(axes, out, strides, [&](std::size_t offset) { sum += lp_term(static_cast<double>(from[offset]), p); });
    y.writable<float>()[place.y] = static_cast<float>(lp_root(sum, p));
  });
}

}  // namespace narrowcast::ops
