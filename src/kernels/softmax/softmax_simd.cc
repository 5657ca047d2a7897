#include "kernels/lanes/log.h"
#include "kernels/lanes/walk.h"
#include "kernels/reduce/order.h"
#include "kernels/softmax/softmax.h"

namespace narrowcast::kernels {
namespace {

using lanes::F1, lanes::F4;

constexpr std::size_t kTile = 256;  // columns whose maxima and sums are kept on the stack

struct Softmax {
  // exp(x - max) is needed twice: it waits in y.
  template <class F>
  NC_LANE_INLINE static F first(F distance) {
    return lanes::exp(distance);
  }
  template <class F>
  NC_LANE_INLINE static F term(F kept) {
    return kept;
  }
  template <class F>
  NC_LANE_INLINE static F factor(F sum) {
    return 1.0f / sum;
  }
  template <class F>
  NC_LANE_INLINE static F last(F kept, F factor) {
    return kept * factor;
  }
};

struct LogSoftmax {
  template <class F>
  NC_LANE_INLINE static F first(F distance) {
    return distance;
  }
  template <class F>
  NC_LANE_INLINE static F term(F kept) {
    return lanes::exp(kept);
  }
  template <class F>
  NC_LANE_INLINE static F factor(F sum) {
    return lanes::log(sum);
  }
  template <class F>
  NC_LANE_INLINE static F last(F kept, F factor) {
    return kept - factor;
  }
};

template <class Kind>
void row(const float* x, std::size_t n, float* y) {
  const float max = order::reduce_row__simd<order::Max>(x, n, order::Itself{});
  lanes::walk(n, [&]<class F>(auto at, F) { at.put(y, Kind::first(at.template get<F>(x) - max)); });
  const float sum = order::reduce_row__simd<order::Sum>(y, n, []<class F>(F kept) { return Kind::term(kept); });
  const float factor = Kind::factor(F1{sum}).v;
  lanes::walk(n, [&]<class F>(auto at, F) { at.put(y, Kind::last(at.template get<F>(y), lanes::splat<F>(factor))); });
}

// y = f(from, per_column) for n rows of `width` columns, `stride` apart.
template <class Function>
NC_LANE_INLINE void map_rows(const float* from, std::size_t n, std::size_t width, std::size_t stride,
                             const float* per_column, float* y, const Function& f) {
  for (std::size_t k = 0; k < n; ++k) {
    lanes::walk(width, [&]<class F>(auto at, F) {
      at.put(y + k * stride, f(at.template get<F>(from + k * stride), at.template get<F>(per_column)));
    });
  }
}

template <class Kind>
void columns(const float* x, std::size_t n, std::size_t width, std::size_t stride, float* y) {
  float max[kTile], sum[kTile];
  order::reduce_columns__simd<order::Max>(
      x, n, width, stride, []<class F>(F value, std::size_t) { return value; }, max);
  map_rows(x, n, width, stride, max, y, []<class F>(F value, F most) { return Kind::first(value - most); });
  order::reduce_columns__simd<order::Sum>(
      y, n, width, stride, []<class F>(F kept, std::size_t) { return Kind::term(kept); }, sum);
  for (std::size_t c = 0; c < width; ++c) sum[c] = Kind::factor(F1{sum[c]}).v;
  map_rows(y, n, width, stride, sum, y, []<class F>(F kept, F factor) { return Kind::last(kept, factor); });
}

template <class Kind>
void each(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y) {
  for (std::size_t o = 0; o < outer; ++o, x += n * inner, y += n * inner) {
    if (inner == 1) {
      row<Kind>(x, n, y);
      continue;
    }
    for (std::size_t c = 0; c < inner; c += kTile) {
      columns<Kind>(x + c, n, std::min(kTile, inner - c), inner, y + c);
    }
  }
}

}  // namespace

void softmax_f32__simd(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y) {
  each<Softmax>(x, outer, n, inner, y);
}

void log_softmax_f32__simd(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y) {
  each<LogSoftmax>(x, outer, n, inner, y);
}

}  // namespace narrowcast::kernels
