#include "base/math/pow.h"

#include "kernels/lanes/binary.h"
#include "kernels/lanes/pairs.h"

namespace narrowcast::kernels {

float pow_f32(float a, float b) {
  using lanes::F1;
  if (b == 1.0f) return a;
  if (b == 2.0f) return a * a;
  if (b == 3.0f) return static_cast<float>(static_cast<double>(a) * a * a);
  if (b == -1.0f) return 1.0f / a;
  if (b == 0.5f) return lanes::PowerOfHalf::of(F1{a}, F1{b}).v;
  return static_cast<float>(math::pow(a, b));
}

}  // namespace narrowcast::kernels
