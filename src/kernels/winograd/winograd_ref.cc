#include <array>

#include "kernels/winograd/winograd.h"

namespace narrowcast::kernels {
namespace {

using Six = std::array<float, 6>;
using Four = std::array<float, 4>;

// BT times a column.
Six into(const Six& d) {
  const float a = d[4] - 4.0f * d[2], b = d[3] - 4.0f * d[1], c = d[4] - d[2], e = 2.0f * (d[3] - d[1]);
  return {(4.0f * d[0] - 5.0f * d[2]) + d[4], a + b, a - b, c + e, c - e, (4.0f * d[1] - 5.0f * d[3]) + d[5]};
}

// AT times a column.
Four out_of(const Six& m) {
  const float a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], e = m[3] - m[4];
  return {m[0] + (a + c), b + 2.0f * e, a + 4.0f * c, (b + 8.0f * e) + m[5]};
}

using Tile = std::array<Six, 6>;

Tile input_tile(const ConvShape& shape, const float* x, std::size_t x_stride, std::size_t oh, std::size_t ow,
                std::size_t c) {
  Tile by_columns;  // [j][i]
  for (std::size_t j = 0; j < 6; ++j) {
    Six column{};
    for (std::size_t i = 0; i < 6; ++i) {
      const std::size_t ih = conv_input(oh, 1, i, 1, shape.pad_top, shape.in_h);
      const std::size_t iw = conv_input(ow, 1, j, 1, shape.pad_left, shape.in_w);
      if (ih < shape.in_h && iw < shape.in_w) column[i] = x[(ih * shape.in_w + iw) * x_stride + c];
    }
    by_columns[j] = into(column);
  }
  Tile tile;  // [i][j]
  for (std::size_t i = 0; i < 6; ++i) {
    Six row;
    for (std::size_t j = 0; j < 6; ++j) row[j] = by_columns[j][i];
    tile[i] = into(row);
  }
  return tile;
}

// [i][j] of the 4 x 4 outputs.
std::array<Four, 4> output_tile(const Tile& m) {
  std::array<Four, 6> by_columns;  // [j][i]
  for (std::size_t j = 0; j < 6; ++j) by_columns[j] = out_of({m[0][j], m[1][j], m[2][j], m[3][j], m[4][j], m[5][j]});
  std::array<Four, 4> tile;
  for (std::size_t i = 0; i < 4; ++i) {
    Six row;
    for (std::size_t j = 0; j < 6; ++j) row[j] = by_columns[j][i];
    tile[i] = out_of(row);
  }
  return tile;
}

}  // namespace

void winograd_f32__ref(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                       const float* bias, float* y, std::size_t y_stride, void* /*scratch*/, const Epilogue& epilogue) {
  const std::size_t floats = packed_gemm_floats(shape.out_c, shape.in_c);
  for (std::size_t oh = 0; oh < shape.out_h; oh += 4) {
    for (std::size_t ow = 0; ow < shape.out_w; ow += 4) {
      for (std::size_t o = 0; o < shape.out_c; ++o) {
        Tile m{};
        for (std::size_t c = 0; c < shape.in_c; ++c) {
          const Tile v = input_tile(shape, x, x_stride, oh, ow, c);
          const float* u = packed + packed_gemm_index(shape.out_c, shape.in_c, o, c);
          for (std::size_t e = 0; e < 36; ++e) m[e / 6][e % 6] = m[e / 6][e % 6] + v[e / 6][e % 6] * u[e * floats];
        }
        const std::array<Four, 4> tile = output_tile(m);
        for (std::size_t i = 0; i < 4 && oh + i < shape.out_h; ++i) {
          for (std::size_t j = 0; j < 4 && ow + j < shape.out_w; ++j) {
            const float sum = tile[i][j] + (bias ? bias[o] : 0);
            y[((oh + i) * shape.out_w + ow + j) * y_stride + o] = clamp_one(sum, epilogue.clamp);
          }
        }
      }
    }
  }
  if (epilogue.finish && shape.pixels() > 0) epilogue.finish(epilogue.context, y, 0, shape.pixels());
}

}  // namespace narrowcast::kernels
