#include <array>

#include "kernels/elements.h"
#include "kernels/winograd/winograd.h"

namespace narrowcast::kernels {
namespace {

// The interpolation points 0, 1, -1, 2, -2 and infinity.
constexpr double kG[6][3] = {{1.0 / 4, 0, 0},
                             {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                             {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                             {1.0 / 24, 1.0 / 12, 1.0 / 6},
                             {1.0 / 24, -1.0 / 12, 1.0 / 6},
                             {0, 0, 1}};

using Kernel = std::array<std::array<double, 3>, 3>;

double transformed(const Kernel& w, std::size_t i, std::size_t j) {
  double sum = 0;
  for (std::size_t kh = 0; kh < 3; ++kh) {
    double row = 0;
    for (std::size_t kw = 0; kw < 3; ++kw) row = row + w[kh][kw] * kG[j][kw];
    sum = sum + kG[i][kh] * row;
  }
  return sum;
}

Kernel kernel_at(const void* w, std::size_t at, const ConvWeightStrides& strides, float scale) {
  Kernel kernel{};
  for (std::size_t kh = 0; kh < 3; ++kh) {
    for (std::size_t kw = 0; kw < 3; ++kw) {
      kernel[kh][kw] = static_cast<double>(load_f32(w, at + kh * strides.kh + kw * strides.kw) * scale);
    }
  }
  return kernel;
}

}  // namespace

void pack_winograd_f32(const void* w, const ConvShape& shape, const ConvWeightStrides& strides, const float* scale,
                       float* packed) {
  const std::size_t n = shape.out_c, k = shape.in_c, floats = packed_gemm_floats(n, k);
  const std::size_t columns = n % 8 == 0 || n % 8 > 4 ? (n + 7) / 8 * 8 : n / 8 * 8 + 4;
  for (std::size_t o = 0; o < columns; ++o) {
    for (std::size_t i = 0; i < k; ++i) {
      Kernel kernel{};
      if (o < n) kernel = kernel_at(w, o * strides.o + i * strides.i, strides, scale ? scale[o] : 1.0f);
      float* to = packed + packed_gemm_index(n, k, o, i);
      for (std::size_t e = 0; e < 36; ++e) to[e * floats] = static_cast<float>(transformed(kernel, e / 6, e % 6));
    }
  }
}

}  // namespace narrowcast::kernels
