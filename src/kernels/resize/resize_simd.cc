#include "kernels/lanes/walk.h"
#include "kernels/resize/resize.h"

namespace narrowcast::kernels {
namespace {

using lanes::F1, lanes::F4;

// The common case, two taps: both rows stay in the cache, one pass over y.
void blend_two(const float* first, const float* second, const float* weight, std::size_t n, float* y) {
  const float w0 = weight[0];
  const float w1 = weight[1];
  lanes::walk(
      n, [&]<class F>(auto at, F) { at.put(y, at.template get<F>(first) * w0 + at.template get<F>(second) * w1); });
}

// Output o: rows of `inner` elements, weighted and added.
void blend_rows(const float* x, std::size_t inner, const ResizeAxis& axis, std::size_t o, float* y) {
  const int32_t* index = axis.index + o * axis.taps;
  const float* weight = axis.weight + o * axis.taps;
  const auto row = [&](std::size_t k) { return x + static_cast<std::size_t>(index[k]) * inner; };
  if (axis.taps == 2) return blend_two(row(0), row(1), weight, inner, y);
  lanes::walk(inner, [&]<class F>(auto at, F) {
    F sum = at.template get<F>(row(0)) * weight[0];
    for (std::size_t k = 1; k < axis.taps; ++k) sum = sum + at.template get<F>(row(k)) * weight[k];
    at.put(y, sum);
  });
}

// The four corners of a pixel and what they weigh.
struct Corners {
  const float *a, *b, *c, *d;  // upper left and right, lower left and right
  float left, right, upper, lower;
};

void blend_pixel(const Corners& p, std::size_t channels, float* y) {
  const Corners q = p;  // y might otherwise change it
  lanes::walk(channels, [&]<class F>(auto at, F) {
    const F above = at.template get<F>(q.a) * q.left + at.template get<F>(q.b) * q.right;
    const F below = at.template get<F>(q.c) * q.left + at.template get<F>(q.d) * q.right;
    at.put(y, above * q.upper + below * q.lower);
  });
}

void copy_pixel(const float* from, std::size_t channels, float* to) {
  lanes::walk(channels, [&]<class F>(auto at, F) { at.put(to, at.template get<F>(from)); });
}

}  // namespace

void resize_axis_f32__simd(const float* x, std::size_t outer, std::size_t inner, const ResizeAxis& axis, float* y) {
  for (std::size_t i = 0; i < outer; ++i, x += axis.n * inner) {
    for (std::size_t o = 0; o < axis.out; ++o, y += inner) blend_rows(x, inner, axis, o, y);
  }
}

void resize_bilinear_f32__simd(const float* x, const ResizeImage& p, float* y) {
  const std::size_t line = p.width.n * p.channels;
  for (std::size_t b = 0; b < p.batch; ++b, x += p.height.n * line) {
    for (std::size_t oy = 0; oy < p.height.out; ++oy) {
      const float* upper = x + static_cast<std::size_t>(p.height.index[2 * oy]) * line;
      const float* lower = x + static_cast<std::size_t>(p.height.index[2 * oy + 1]) * line;
      for (std::size_t ox = 0; ox < p.width.out; ++ox, y += p.channels) {
        const std::size_t left = static_cast<std::size_t>(p.width.index[2 * ox]) * p.channels;
        const std::size_t right = static_cast<std::size_t>(p.width.index[2 * ox + 1]) * p.channels;
        const float* across = p.width.weight + 2 * ox;
        const float* down = p.height.weight + 2 * oy;
        blend_pixel({upper + left, upper + right, lower + left, lower + right, across[0], across[1], down[0], down[1]},
                    p.channels, y);
      }
    }
  }
}

void resize_nearest_f32__simd(const float* x, const ResizeImage& p, float* y) {
  const std::size_t line = p.width.n * p.channels;
  const std::size_t out_line = p.width.out * p.channels;
  for (std::size_t b = 0; b < p.batch; ++b, x += p.height.n * line) {
    for (std::size_t oy = 0; oy < p.height.out; ++oy, y += out_line) {
      if (oy > 0 && p.height.index[oy] == p.height.index[oy - 1]) {  // the line above once more
        std::memcpy(y, y - out_line, 4 * out_line);
        continue;
      }
      const float* row = x + static_cast<std::size_t>(p.height.index[oy]) * line;
      for (std::size_t ox = 0; ox < p.width.out; ++ox) {
        copy_pixel(row + static_cast<std::size_t>(p.width.index[ox]) * p.channels, p.channels, y + ox * p.channels);
      }
    }
  }
}

}  // namespace narrowcast::kernels
