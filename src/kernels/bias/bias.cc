#include "kernels/bias/bias.h"

#include "base/math/round.h"
#include "kernels/elements.h"

namespace narrowcast::kernels {
namespace {

double rounded(float x, double scale, Rounding rounding) {
  if (rounding == Rounding::float64_half_away) return math::round_half_away(static_cast<double>(x) / scale);
  return math::round_half_even(static_cast<double>(x) / static_cast<double>(static_cast<float>(scale)));
}

template <typename T>
std::size_t quantize(const void* x, std::size_t n, const double* scale, std::size_t scales, Rounding rounding,
                     double low, double high, T* q) {
  std::size_t clamped = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double code = rounded(load_f32(x, i), scale[scales == 1 ? 0 : i], rounding);
    if (code != code) code = 0;
    if (code < low || code > high) ++clamped;
    q[i] = static_cast<T>(code < low ? low : code > high ? high : code);
  }
  return clamped;
}

}  // namespace

float bias_scale_ort(float x_scale, float w_scale, float beta) { return x_scale * w_scale * beta; }

std::size_t quantize_bias_f32_i32(const void* x, std::size_t n, const double* scale, std::size_t scales,
                                  Formula formula, int32_t* q) {
  const Rounding rounding = rounding_of(formula);
  const double low = rounding == Rounding::float64_half_away ? -2147483647.0 : -2147483648.0;
  return quantize(x, n, scale, scales, rounding, low, 2147483647.0, q);
}

std::size_t quantize_bias_f32_i64(const void* x, std::size_t n, const double* scale, std::size_t scales,
                                  Formula formula, int64_t* q) {
  return quantize(x, n, scale, scales, rounding_of(formula), -0x1p62, 0x1p62, q);
}

}  // namespace narrowcast::kernels
