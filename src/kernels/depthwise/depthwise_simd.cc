#include <algorithm>

#include "kernels/depthwise/depthwise.h"
#include "kernels/tile.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

constexpr std::size_t kMostPixels = 4;  // of a tile

// One row of output.
struct Row {
  const ConvShape& shape;
  std::size_t oh;
  const float* x;
  std::size_t x_stride;
  const float* weights;
  const float* bias;  // out_c floats
  const float* zero;  // out_c zeros
  float* y;
  std::size_t y_stride;
  const float** pointers;  // scratch: where the channels of a tile's inputs start
  V lo, hi;
  Clamp clamp;
};

// How pointers are laid out: that of (kh, kw, pixel) is at kh * row + kw * tap + pixel * next.
struct Steps {
  std::size_t row, tap, next;
};

// The last one to three channels.
void last_channels(const Row& row, const Steps& steps, std::size_t ow, std::size_t pixels) {
  const ConvShape& shape = row.shape;
  for (std::size_t c = shape.out_c / 4 * 4; c < shape.out_c; ++c) {
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
      float sum = row.bias[c];
      const float* weight = row.weights + packed_depthwise_index(shape, c, 0);
      for (std::size_t kh = 0; kh < shape.kernel_h; ++kh) {
        for (std::size_t kw = 0; kw < shape.kernel_w; ++kw, weight += 4) {
          sum = sum + row.pointers[kh * steps.row + kw * steps.tap + pixel * steps.next][c] * *weight;
        }
      }
      row.y[(ow + pixel) * row.y_stride + c] = clamp_one(sum, row.clamp);
    }
  }
}

// Pointers of `count` columns from padded column `first` on, `step` columns apart, in input row `ih`.
void point_at_columns(const Row& row, std::size_t ih, std::size_t first, std::size_t step, std::size_t count,
                      const float** at) {
  const ConvShape& shape = row.shape;
  const float* line = row.x + ih * shape.in_w * row.x_stride;
  for (std::size_t j = 0; j < count; ++j) {
    const std::size_t iw = first + j * step - shape.pad_left;  // wraps when negative
    at[j] = ih < shape.in_h && iw < shape.in_w ? line + iw * row.x_stride : row.zero;
  }
}

template <int pixels>
NC_INLINE void put(const Row& row, const V (&sums)[pixels], std::size_t ow, std::size_t c, std::size_t count) {
  NC_UNROLLED for (int i = 0; i < pixels; ++i) {
    if (static_cast<std::size_t>(i) >= count) return;
    store(row.y + (ow + i) * row.y_stride + c, clamp_lanes(sums[i], row.lo, row.hi));
  }
}

// Tiles of `pixels` pixels by four channels whose kernel row is loaded once and shared: kernel width and stride known,
// no dilation along the row. The last tile of a row overlaps the one before.
template <int kernel, int stride, int pixels>
void shared_columns(const Row& row) {
  constexpr int columns = (pixels - 1) * stride + kernel;
  const ConvShape& shape = row.shape;
  const std::size_t channels = shape.out_c;
  const std::size_t count = std::min<std::size_t>(pixels, shape.out_w);
  for (std::size_t at = 0; at < shape.out_w; at += pixels) {
    const std::size_t ow = std::min(at, shape.out_w - count);
    for (std::size_t kh = 0; kh < shape.kernel_h; ++kh) {
      const std::size_t ih = conv_input(row.oh, shape.stride_h, kh, shape.dilation_h, shape.pad_top, shape.in_h);
      point_at_columns(row, ih, ow * stride, 1, columns, row.pointers + kh * columns);
    }
    const float* weights = row.weights;
    for (std::size_t c = 0; c + 4 <= channels; c += 4) {
      V sums[pixels];
      NC_UNROLLED for (V& sum : sums) sum = load(row.bias + c);
      const float* const* from = row.pointers;
      NC_ROLLED for (std::size_t kh = 0; kh < shape.kernel_h; ++kh, from += columns, weights += 4 * kernel) {
        V w[kernel], x[columns];
        NC_UNROLLED for (int j = 0; j < kernel; ++j) w[j] = load(weights + 4 * j);
        NC_UNROLLED for (int j = 0; j < columns; ++j) x[j] = load(from[j] + c);
        NC_UNROLLED for (int j = 0; j < kernel; ++j) {
          NC_UNROLLED for (int i = 0; i < pixels; ++i) sums[i] = multiply_add(sums[i], x[i * stride + j], w[j]);
        }
      }
      put(row, sums, ow, c, count);
    }
    last_channels(row, {columns, 1, stride}, ow, count);
  }
}

// Any kernel: each pixel of a tile loads its own values.
void any_window(const Row& row) {
  constexpr int pixels = kMostPixels;
  const ConvShape& shape = row.shape;
  const std::size_t count = std::min<std::size_t>(pixels, shape.out_w);
  for (std::size_t at = 0; at < shape.out_w; at += pixels) {
    const std::size_t ow = std::min(at, shape.out_w - count);
    for (std::size_t tap = 0; tap < shape.taps(); ++tap) {
      const std::size_t kh = tap / shape.kernel_w, kw = tap % shape.kernel_w;
      const std::size_t ih = conv_input(row.oh, shape.stride_h, kh, shape.dilation_h, shape.pad_top, shape.in_h);
      point_at_columns(row, ih, ow * shape.stride_w + kw * shape.dilation_w, shape.stride_w, pixels,
                       row.pointers + tap * pixels);
    }
    const float* weights = row.weights;
    for (std::size_t c = 0; c + 4 <= shape.out_c; c += 4) {
      V sums[pixels];
      NC_UNROLLED for (V& sum : sums) sum = load(row.bias + c);
      NC_ROLLED for (std::size_t tap = 0; tap < shape.taps(); ++tap, weights += 4) {
        const V w = load(weights);
        NC_UNROLLED for (int i = 0; i < pixels; ++i) {
          sums[i] = multiply_add(sums[i], load(row.pointers[tap * pixels + i] + c), w);
        }
      }
      put(row, sums, ow, c, count);
    }
    last_channels(row, {shape.kernel_w * pixels, pixels, 1}, ow, count);
  }
}

// Called through pointers, so that the linker's optimizer leaves each a function of its own.
using OneRow = void (*)(const Row&);
constexpr OneRow kShared[2][2] = {{shared_columns<3, 1, 4>, shared_columns<3, 2, 3>},
                                  {shared_columns<5, 1, 4>, shared_columns<5, 2, 3>}};

OneRow choose(const ConvShape& shape) {
  const bool known = (shape.kernel_w == 3 || shape.kernel_w == 5) && shape.stride_w <= 2 && shape.dilation_w == 1;
  return known ? kShared[shape.kernel_w == 5][shape.stride_w - 1] : any_window;
}

constexpr std::size_t most_pointers(const ConvShape& shape) {
  return shape.kernel_h * std::max(kMostPixels * shape.kernel_w, (kMostPixels - 1) * 2 + shape.kernel_w);
}

}  // namespace

std::size_t depthwise_scratch_bytes(const ConvShape& shape) {
  return most_pointers(shape) * sizeof(const float*) + shape.out_c * sizeof(float);
}

void depthwise_f32__simd(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                         const float* bias, float* y, std::size_t y_stride, void* scratch, const Epilogue& epilogue) {
  auto** pointers = static_cast<const float**>(scratch);
  auto* zero = reinterpret_cast<float*>(pointers + most_pointers(shape));
  std::fill_n(zero, shape.out_c, 0.0f);
  const OneRow one_row = choose(shape);
  LineFinisher finisher(epilogue, y, shape.out_h, shape.out_w, shape.out_c, y_stride);
  for (std::size_t oh = 0; oh < shape.out_h; ++oh) {
    one_row({.shape = shape,
             .oh = oh,
             .x = x,
             .x_stride = x_stride,
             .weights = packed,
             .bias = bias ? bias : zero,
             .zero = zero,
             .y = y + oh * shape.out_w * y_stride,
             .y_stride = y_stride,
             .pointers = pointers,
             .lo = f32x4_splat(epilogue.clamp.lo),
             .hi = f32x4_splat(epilogue.clamp.hi),
             .clamp = epilogue.clamp});
    finisher.done(oh + 1);
  }
}

}  // namespace narrowcast::kernels
