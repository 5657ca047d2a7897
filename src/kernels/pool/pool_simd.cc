#include <algorithm>

#include "kernels/lanes/lane.h"
#include "kernels/pool/pool.h"

namespace narrowcast::kernels {
namespace {

using lanes::F1, lanes::F4;

// The taps of one output that exist, as a grid in the input.
struct Window {
  const float* first;
  std::size_t rows, columns;
  std::size_t row_step, column_step;  // floats
};

struct Max {
  static constexpr float kStart = -std::numeric_limits<float>::infinity();
  template <class F>
  NC_LANE_INLINE static F join(F most, F x) {
    return lanes::pmax(most, x);
  }
};
struct Sum {
  static constexpr float kStart = 0;
  template <class F>
  NC_LANE_INLINE static F join(F sum, F x) {
    return sum + x;
  }
};

template <class F>
NC_LANE_INLINE F finished(F value, float divisor, const Pool2d& p) {
  return lanes::pmin(lanes::pmax(value / lanes::splat<F>(divisor), p.lo), p.hi);
}

// Channels c.. of a window: `vectors` times F's width.
template <class Join, class F, int vectors>
NC_LANE_INLINE void pool_channels(const Window& w, std::size_t c, float divisor, const Pool2d& p, float* y) {
  F joined[vectors];
  for (F& each : joined) each = lanes::splat<F>(Join::kStart);
  const float* row = w.first + c;
  for (std::size_t ky = 0; ky < w.rows; ++ky, row += w.row_step) {
    const float* tap = row;
    for (std::size_t kx = 0; kx < w.columns; ++kx, tap += w.column_step) {
      for (int v = 0; v < vectors; ++v) {
        joined[v] = Join::join(joined[v], lanes::load<F>(tap + static_cast<std::size_t>(v) * F::kWidth));
      }
    }
  }
  for (int v = 0; v < vectors; ++v) {
    lanes::store(y + c + static_cast<std::size_t>(v) * F::kWidth, finished(joined[v], divisor, p));
  }
}

template <class Join>
void pool_window(const Window& w, float divisor, const Pool2d& p, float* y) {
  std::size_t c = 0;
  for (; c + 16 <= p.channels; c += 16) pool_channels<Join, F4, 4>(w, c, divisor, p, y);
  for (; c + 4 <= p.channels; c += 4) pool_channels<Join, F4, 1>(w, c, divisor, p, y);
  for (; c < p.channels; ++c) pool_channels<Join, F1, 1>(w, c, divisor, p, y);
}

template <class Join, class Divisor>
void pool(const float* x, const Pool2d& p, float* y, const Divisor& divisor) {
  const std::size_t line = p.x.in * p.channels;
  for (std::size_t b = 0; b < p.batch; ++b, x += p.y.in * line) {
    for (std::size_t oy = 0; oy < p.y.out; ++oy) {
      const auto rows = p.y.taps(oy, 0, 0);
      for (std::size_t ox = 0; ox < p.x.out; ++ox, y += p.channels) {
        const auto columns = p.x.taps(ox, 0, 0);
        Window w{x, rows.count(), columns.count(), p.y.dilation * line, p.x.dilation * p.channels};
        if (w.rows == 0 || w.columns == 0) {
          w.rows = 0;
        } else {
          w.first += p.y.at(oy, rows.first) * line + p.x.at(ox, columns.first) * p.channels;
        }
        pool_window<Join>(w, divisor(oy, ox), p, y);
      }
    }
  }
}

}  // namespace

// Division by 1 changes nothing, so that both kinds share the loops.
void max_pool_f32__simd(const float* x, const Pool2d& p, float* y) {
  pool<Max>(x, p, y, [](std::size_t, std::size_t) { return 1.0f; });
}

void average_pool_f32__simd(const float* x, const Pool2d& p, bool count_pads, float* y) {
  const std::size_t pads = count_pads ? 1 : 0;
  pool<Sum>(x, p, y, [&](std::size_t oy, std::size_t ox) {
    return static_cast<float>(p.y.taps(oy, pads * p.y.pad_begin, pads * p.y.pad_end).count() *
                              p.x.taps(ox, pads * p.x.pad_begin, pads * p.x.pad_end).count());
  });
}

void max_pool_separable_f32(const float* x, const Pool2d& p, float* y, float* scratch) {
  const Pool2d along_x{.channels = p.channels, .y = {.in = p.y.in, .out = p.y.in}, .x = p.x};
  // Whole lines are the pixels of the second pass.
  const Pool2d along_y{.channels = p.x.out * p.channels, .y = p.y, .lo = p.lo, .hi = p.hi};
  for (std::size_t b = 0; b < p.batch; ++b) {
    max_pool_f32__simd(x + b * p.y.in * p.x.in * p.channels, along_x, scratch);
    max_pool_f32__simd(scratch, along_y, y + b * p.y.out * p.x.out * p.channels);
  }
}

}  // namespace narrowcast::kernels
