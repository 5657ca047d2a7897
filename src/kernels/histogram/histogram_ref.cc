#include <bit>

#include "kernels/elements.h"
#include "kernels/histogram/histogram.h"

namespace narrowcast::kernels {

// |x| = mantissa * 2^power, so floor(|x| / 2^exponent) is a shift.
void histogram_f32__ref(const void* x, std::size_t n, int exponent, HistogramCounts& counts) {
  for (std::size_t i = 0; i < n; ++i) {
    const auto pattern = std::bit_cast<uint32_t>(load_f32(x, i));
    const uint32_t field = pattern >> 23 & 0xFFU;
    const uint32_t fraction = pattern & 0x7FFFFFU;
    if (field == 0xFF) continue;
    if ((pattern << 1) == 0) {
      ++counts.zero;
      continue;
    }
    const uint32_t mantissa = field == 0 ? fraction : fraction | 0x800000U;
    const int power = (field == 0 ? 1 : static_cast<int>(field)) - 150;
    const int right = exponent - power;
    const uint32_t bin = right >= 24 ? 0 : right >= 0 ? mantissa >> right : mantissa << -right;
    ++(pattern >> 31 != 0 ? counts.neg : counts.pos)[bin];
  }
}

}  // namespace narrowcast::kernels
