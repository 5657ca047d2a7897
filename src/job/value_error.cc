#include "job/value_error.h"

#include <algorithm>
#include <limits>

#include "exec/arrange.h"
#include "kernels/sqnr/sqnr.h"

namespace narrowcast {
namespace {

bool is_finite(double value) { return value - value == 0; }

void add_energy(const kernels::SqnrSums& sums, ValueError& error) {
  const kernels::SqnrEnergy energy = kernels::sqnr_energy(sums);
  error.signal += energy.signal;
  error.noise += energy.noise;
}

double largest_difference(const float* x, const float* y, std::size_t n) {
  double most = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double difference = static_cast<double>(x[i]) - static_cast<double>(y[i]);
    most = std::max(most, difference < 0 ? -difference : difference);
  }
  return most;
}

// The same sums with what is not finite left out.
void measure_odd(const float* x, const float* y, std::size_t n, ValueError& error) {
  kernels::SqnrSums sums;
  for (std::size_t i = 0; i < n; ++i) {
    const bool finite = is_finite(x[i]);
    if (finite != is_finite(y[i])) {
      ++error.unlike;
    } else if (!finite) {
      ++error.both_odd;
    } else {
      const double value = x[i];
      const double difference = value - static_cast<double>(y[i]);
      sums.signal[i % sums.signal.size()] += value * value;
      sums.noise[i % sums.noise.size()] += difference * difference;
      error.max_error = std::max(error.max_error, difference < 0 ? -difference : difference);
    }
  }
  add_energy(sums, error);
}

template <typename T>
std::vector<int64_t> largest(const T* data, std::size_t outer, std::size_t size, std::size_t inner) {
  std::vector<int64_t> found;
  found.reserve(outer * inner);
  for (std::size_t o = 0; o < outer; ++o) {
    for (std::size_t i = 0; i < inner; ++i) {
      const T* const row = data + (o * size * inner) + i;
      std::size_t best = 0;
      for (std::size_t k = 1; k < size; ++k) {
        if (row[k * inner] > row[best * inner]) best = k;
      }
      found.push_back(static_cast<int64_t>(best));
    }
  }
  return found;
}

}  // namespace

void ValueError::add(const ValueError& next) {
  signal += next.signal;
  noise += next.noise;
  max_error = std::max(max_error, next.max_error);
  elements += next.elements;
  clipped += next.clipped;
  both_odd += next.both_odd;
  unlike += next.unlike;
}

double ValueError::sqnr_db() const {
  if (unlike > 0) return -std::numeric_limits<double>::infinity();
  return kernels::sqnr_db({signal, noise});
}

void count(const ops::Tensor& x, const Bounds& span, Histogram& histogram) {
  const double width = span.max - span.min;
  if (!(width > 0) || !is_finite(width)) return;
  const double bins = static_cast<double>(kBins) / width;
  const auto* const values = x.as<float>();
  const std::size_t n = x.count();
  for (std::size_t i = 0; i < n; ++i) {
    const double at = (static_cast<double>(values[i]) - span.min) * bins;
    if (!is_finite(at)) continue;
    const double inside = std::clamp(at, 0.0, static_cast<double>(kBins - 1));
    ++histogram[static_cast<std::size_t>(inside)];
  }
}

Result<ValueError> measure(ops::Memory& memory, const ops::Tensor& x, const ops::Tensor& y,
                           const std::optional<Bounds>& codes) {
  ValueError error;
  error.elements = x.count();
  if (y.dtype != x.dtype || y.shape != x.shape) {
    error.unlike = std::max<uint64_t>(error.elements, 1);
    return error;
  }
  NC_TRY(const ops::Tensor other, exec::with_layout(memory, y, x.layout));
  const auto* const before = x.as<float>();
  const auto* const after = other.as<float>();
  kernels::SqnrSums sums;
  kernels::accumulate_sqnr(before, after, x.count(), sums);
  const kernels::SqnrEnergy energy = kernels::sqnr_energy(sums);
  if (is_finite(energy.signal) && is_finite(energy.noise)) {
    add_energy(sums, error);
    error.max_error = largest_difference(before, after, x.count());
  } else {
    measure_odd(before, after, x.count(), error);
  }
  if (codes) {
    error.clipped = static_cast<uint64_t>(
        std::count_if(before, before + x.count(), [&](float v) { return v < codes->min || v > codes->max; }));
  }
  return error;
}

std::vector<int64_t> decisions_of(const ops::Tensor& plain, bool channels_first) {
  constexpr std::size_t kImage = 4;
  if (plain.dtype != DType::f32) return {ops::integers_of(plain)};
  if (plain.rank() == 0) return {};
  const std::size_t axis = channels_first && plain.rank() == kImage ? 1 : plain.rank() - 1;
  const auto size = static_cast<std::size_t>(plain.shape[axis]);
  if (size < 2) return {};
  std::size_t inner = 1;
  for (std::size_t i = axis + 1; i < plain.rank(); ++i) inner *= static_cast<std::size_t>(plain.shape[i]);
  if (inner == 0) return {};
  return {largest(plain.as<float>(), plain.count() / size / inner, size, inner)};
}

}  // namespace narrowcast
