#include <cstring>

#include "kernels/lanes/gate.h"
#include "kernels/simd.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

struct GateLanes {
  V slope, add, low, high, divisor, scale, shift;

  explicit GateLanes(const Gate& gate)
      : slope(f32x4_splat(gate.slope)),
        add(f32x4_splat(gate.add)),
        low(f32x4_splat(gate.low)),
        high(f32x4_splat(gate.high)),
        divisor(f32x4_splat(gate.divisor)),
        scale(f32x4_splat(gate.scale)),
        shift(f32x4_splat(gate.shift)) {}

  [[nodiscard]] V of(V x) const {
    const V line = f32x4_add(f32x4_mul(x, slope), add);
    const V factor = f32x4_pmin(f32x4_pmax(line, low), high);
    return f32x4_add(f32x4_mul(f32x4_div(f32x4_mul(x, factor), divisor), scale), shift);
  }
};

}  // namespace

void gate_f32__simd(const float* x, float* y, std::size_t n, const Gate& gate) {
  const GateLanes lanes(gate);
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) store(y + i, lanes.of(load(x + i)));
  if (i == n) return;
  float tail[4] = {};
  std::memcpy(tail, x + i, 4 * (n - i));
  store(tail, lanes.of(load(tail)));
  std::memcpy(y + i, tail, 4 * (n - i));
}

}  // namespace narrowcast::kernels
