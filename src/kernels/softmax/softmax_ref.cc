#include "kernels/lanes/log.h"
#include "kernels/reduce/order.h"
#include "kernels/softmax/softmax.h"

namespace narrowcast::kernels {
namespace {

using lanes::F1;

// Max and sum along one row or column (n elements, `inner` apart); `y` per element from its distance to the max.
template <class Finish>
void each(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y, const Finish& finish) {
  for (std::size_t o = 0; o < outer; ++o) {
    for (std::size_t i = 0; i < inner; ++i) {
      const float* from = x + o * n * inner + i;
      float max = 0;
      float sum = 0;
      const auto term = [&](F1 value) { return lanes::exp(value - F1{max}); };
      if (inner == 1) {
        max = order::reduce_row__ref<order::Max>(from, n, order::Itself{});
        sum = order::reduce_row__ref<order::Sum>(from, n, term);
      } else {
        order::reduce_columns__ref<order::Max>(from, n, 1, inner, [](F1 value, std::size_t) { return value; }, &max);
        order::reduce_columns__ref<order::Sum>(
            from, n, 1, inner, [&](F1 value, std::size_t) { return term(value); }, &sum);
      }
      float* to = y + o * n * inner + i;
      for (std::size_t k = 0; k < n; ++k) to[k * inner] = finish(from[k * inner] - max, sum);
    }
  }
}

}  // namespace

void softmax_f32__ref(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y) {
  each(x, outer, n, inner, y, [](float distance, float sum) { return lanes::exp(F1{distance}).v * (1.0f / sum); });
}

void log_softmax_f32__ref(const float* x, std::size_t outer, std::size_t n, std::size_t inner, float* y) {
  each(x, outer, n, inner, y, [](float distance, float sum) { return distance - lanes::log(F1{sum}).v; });
}

}  // namespace narrowcast::kernels
