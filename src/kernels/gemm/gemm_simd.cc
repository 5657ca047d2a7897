#include <algorithm>

#include "kernels/gemm/gemm.h"
#include "kernels/tile.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

// Rows against one panel.
struct Panel {
  std::size_t rows, k;
  const float* a;
  std::size_t lda;
  const float* b;
  const float* bias;  // kPanel floats
  float* c;
  std::size_t ldc;
  std::size_t columns;  // 1..8
  Clamp clamp;
};

template <int rows, int vectors>
void few_rows(const Panel& panel, std::size_t row) {
  Tile<rows, vectors> tile(panel.bias);
  tile.add(panel.k, panel.a + row * panel.lda, panel.lda, panel.b);
  tile.put(panel.c + row * panel.ldc, panel.ldc, rows, panel.columns, panel.clamp);
}

// Called through tables, so that the linker's optimizer leaves each a function of its own: in one giant function V8
// allocates registers badly.
using FewRows = void (*)(const Panel&, std::size_t row);
constexpr FewRows kFewRows[2][3] = {{few_rows<1, 1>, few_rows<2, 1>, few_rows<3, 1>},
                                    {few_rows<1, 2>, few_rows<2, 2>, few_rows<3, 2>}};

template <int vectors, bool whole>
void all_rows(const Panel& panel) {
  const auto [rows, k, a, lda, b, bias, c, ldc, columns, clamp] = panel;
  std::size_t row = 0;
  for (; row + kTileRows <= rows; row += kTileRows) {
    Tile<kTileRows, vectors> tile(bias);
    tile.add(k, a + row * lda, lda, b);
    if constexpr (whole) {
      tile.put_whole(c + row * ldc, ldc, clamp);
    } else {
      tile.put(c + row * ldc, ldc, kTileRows, columns, clamp);
    }
  }
  if (row < rows) kFewRows[vectors - 1][rows - row - 1](panel, row);
}

using AllRows = void (*)(const Panel&);
constexpr AllRows kAllRows[2][2] = {{all_rows<1, false>, all_rows<1, true>}, {all_rows<2, false>, all_rows<2, true>}};

// One row against `panels` whole panels at once: more sums in flight than a panel alone has.
template <int panels>
void one_row(std::size_t k, const float* a, const float* b, const float* bias, float* c, Clamp clamp) {
  V sums[panels][2];
  for (int p = 0; p < panels; ++p) {
    const PanelBias start(bias ? bias + kPanel * p : nullptr, kPanel);
    sums[p][0] = load(start.values);
    sums[p][1] = load(start.values + 4);
  }
  NC_ROLLED for (std::size_t i = 0; i < k; ++i) {
    const V left = load32_splat(a + i);
    NC_UNROLLED for (int p = 0; p < panels; ++p) {
      const float* weights = b + (p * k + i) * kPanel;
      sums[p][0] = multiply_add(sums[p][0], left, load(weights));
      sums[p][1] = multiply_add(sums[p][1], left, load(weights + 4));
    }
  }
  const V lo = f32x4_splat(clamp.lo);
  const V hi = f32x4_splat(clamp.hi);
  for (int p = 0; p < panels; ++p) {
    store(c + kPanel * p, clamp_lanes(sums[p][0], lo, hi));
    store(c + kPanel * p + 4, clamp_lanes(sums[p][1], lo, hi));
  }
}

constexpr std::size_t kWide = 3;  // panels of one_row; a fourth would not fit V8's registers
constexpr auto* kOneRow = one_row<kWide>;

// Rows whose left side fills half the first-level cache; each panel then passes over them once.
std::size_t rows_per_block(std::size_t n, std::size_t k, const Epilogue& epilogue) {
  const std::size_t rows = std::max<std::size_t>(8, (24 << 10) / (sizeof(float) * std::max<std::size_t>(1, k)) / 4 * 4);
  return epilogue.finish ? std::min(rows, finish_rows(n, 8)) : rows;
}

}  // namespace

void gemm_f32__simd(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* packed,
                    const float* bias, float* c, std::size_t ldc, const Epilogue& epilogue) {
  const std::size_t step = rows_per_block(n, k, epilogue);
  for (std::size_t row = 0; row < m; row += step) {
    const std::size_t rows = std::min(step, m - row);
    std::size_t column = 0;
    if (rows == 1) {
      for (; column + kWide * kPanel <= n; column += kWide * kPanel) {
        kOneRow(k, a + row * lda, packed + column * k, bias ? bias + column : nullptr, c + row * ldc + column,
                epilogue.clamp);
      }
    }
    for (; column < n; column += kPanel) {
      const std::size_t columns = std::min(kPanel, n - column);
      const std::size_t vectors = panel_vectors(columns);
      const PanelBias start(bias ? bias + column : nullptr, columns);
      kAllRows[vectors - 1][columns == 4 * vectors]({rows, k, a + row * lda, lda, packed + column * k, start.values,
                                                     c + row * ldc + column, ldc, columns, epilogue.clamp});
    }
    if (epilogue.finish) epilogue.finish(epilogue.context, c + row * ldc, row, rows);
  }
}

}  // namespace narrowcast::kernels
