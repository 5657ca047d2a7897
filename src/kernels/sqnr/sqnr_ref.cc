#include "kernels/elements.h"
#include "kernels/sqnr/sqnr.h"

namespace narrowcast::kernels {

void accumulate_sqnr__ref(const void* x, const void* y, std::size_t n, SqnrSums& sums) {
  for (std::size_t i = 0; i < n; ++i) {
    const double value = load_f32(x, i);
    const double error = value - static_cast<double>(load_f32(y, i));
    sums.signal[i % 16] += value * value;
    sums.noise[i % 16] += error * error;
  }
}

}  // namespace narrowcast::kernels
