#include "kernels/lanes/gate.h"

namespace narrowcast::kernels {

void gate_f32__ref(const float* x, float* y, std::size_t n, const Gate& gate) {
  for (std::size_t i = 0; i < n; ++i) {
    const float line = x[i] * gate.slope + gate.add;
    const float above = line < gate.low ? gate.low : line;
    const float factor = gate.high < above ? gate.high : above;
    y[i] = x[i] * factor / gate.divisor * gate.scale + gate.shift;
  }
}

}  // namespace narrowcast::kernels
