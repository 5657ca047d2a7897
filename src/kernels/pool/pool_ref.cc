#include "kernels/lanes/lane.h"
#include "kernels/pool/pool.h"

namespace narrowcast::kernels {
namespace {

// pixel(batch, oy, ox, c, window) for every output; window(visit) calls visit(input offset) for the taps that exist.
template <class Output>
void each_output(const Pool2d& p, const Output& output) {
  std::size_t to = 0;
  for (std::size_t b = 0; b < p.batch; ++b) {
    for (std::size_t oy = 0; oy < p.y.out; ++oy) {
      for (std::size_t ox = 0; ox < p.x.out; ++ox) {
        for (std::size_t c = 0; c < p.channels; ++c, ++to) {
          const auto rows = p.y.taps(oy, 0, 0), columns = p.x.taps(ox, 0, 0);
          output(to, oy, ox, [&](const auto& visit) {
            for (std::size_t ky = rows.first; ky < rows.last; ++ky) {
              for (std::size_t kx = columns.first; kx < columns.last; ++kx) {
                visit(((b * p.y.in + p.y.at(oy, ky)) * p.x.in + p.x.at(ox, kx)) * p.channels + c);
              }
            }
          });
        }
      }
    }
  }
}

float clamped(float value, const Pool2d& p) { return lanes::pmin(lanes::pmax(lanes::F1{value}, p.lo), p.hi).v; }

}  // namespace

void max_pool_f32__ref(const float* x, const Pool2d& p, float* y) {
  each_output(p, [&](std::size_t to, std::size_t, std::size_t, const auto& window) {
    float most = -std::numeric_limits<float>::infinity();
    window([&](std::size_t from) { most = most < x[from] ? x[from] : most; });
    y[to] = clamped(most, p);
  });
}

void max_pool_with_indices_f32(const float* x, const Pool2d& p, bool column_major, float* y, int64_t* indices) {
  each_output(p, [&](std::size_t to, std::size_t, std::size_t, const auto& window) {
    bool any = false;
    std::size_t best = 0;
    window([&](std::size_t from) {
      if (!any || x[from] > x[best]) best = from;
      any = true;
    });
    y[to] = clamped(x[best], p);
    const std::size_t c = best % p.channels;
    const std::size_t column = best / p.channels % p.x.in;
    const std::size_t row = best / p.channels / p.x.in % p.y.in;
    const std::size_t plane = best / p.channels / p.x.in / p.y.in * p.channels + c;
    const std::size_t place = column_major ? column * p.y.in + row : row * p.x.in + column;
    indices[to] = static_cast<int64_t>(plane * p.y.in * p.x.in + place);
  });
}

void average_pool_f32__ref(const float* x, const Pool2d& p, bool count_pads, float* y) {
  each_output(p, [&](std::size_t to, std::size_t oy, std::size_t ox, const auto& window) {
    float sum = 0;
    window([&](std::size_t from) { sum += x[from]; });
    const std::size_t pads = count_pads ? 1 : 0;
    const std::size_t count = p.y.taps(oy, pads * p.y.pad_begin, pads * p.y.pad_end).count() *
                              p.x.taps(ox, pads * p.x.pad_begin, pads * p.x.pad_end).count();
    y[to] = clamped(sum / static_cast<float>(count), p);
  });
}

}  // namespace narrowcast::kernels
