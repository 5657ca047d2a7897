#include <algorithm>

#include "kernels/conv/indirect.h"
#include "kernels/tile.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

// Called through a table, so that the linker's optimizer leaves each a function of its own.
template <int vectors>
void all_pixels(const IndirectPanel& panel) {
  const auto [pointers, pixels, taps, channels, offset, weights, bias, y, y_stride, columns, clamp] = panel;
  const float* const* rows = pointers;
  for (std::size_t pixel = 0; pixel < pixels; pixel += kTileRows) {
    Tile<kTileRows, vectors> tile(bias);
    const float* b = weights;
    NC_ROLLED for (std::size_t tap = 0; tap < taps; ++tap, rows += kTileRows, b += 4 * vectors * channels) {
      tile.add_rows(channels, {rows[0] + offset, rows[1] + offset, rows[2] + offset, rows[3] + offset}, b);
    }
    float* to = y + pixel * y_stride;
    if (pixel + kTileRows <= pixels && columns == 4 * vectors) {
      tile.put_whole(to, y_stride, clamp);
    } else {
      tile.put(to, y_stride, std::min(kTileRows, pixels - pixel), columns, clamp);
    }
  }
}

using AllPixels = void (*)(const IndirectPanel&);
constexpr AllPixels kAllPixels[2] = {all_pixels<1>, all_pixels<2>};

}  // namespace

void indirect_panel(const IndirectPanel& panel) { kAllPixels[panel_vectors(panel.columns) - 1](panel); }

void indirect_group(IndirectPanel panel, const float* packed, const float* bias, float* y, std::size_t columns) {
  for (std::size_t column = 0; column < columns; column += kPanel) {
    panel.columns = std::min(kPanel, columns - column);
    const PanelBias start(bias ? bias + column : nullptr, panel.columns);
    panel.bias = start.values;
    panel.weights = packed + column * panel.taps * panel.channels;
    panel.y = y + column;
    indirect_panel(panel);
  }
}

}  // namespace narrowcast::kernels
