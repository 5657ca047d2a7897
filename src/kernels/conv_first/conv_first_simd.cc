#include <algorithm>

#include "kernels/conv_first/conv_first.h"
#include "kernels/tile.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

constexpr std::size_t kBandBytes = 32 << 10;

// A padded copy of the input rows that a few output rows read: [channel][row][column] or [row][column][channel].
struct Band {
  std::size_t out_rows;  // at most
  std::size_t rows, columns;
  std::size_t row_stride, column_stride, channel_stride;  // floats
  std::size_t floats;
};

constexpr std::size_t round_up(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }

Band plan_band(ImageLayout layout, const ConvShape& shape) {
  Band band{};
  // Whole tiles of pixels are computed, also those at the right edge of which fewer are kept.
  band.columns = (round_up(shape.out_w, kTileRows) - 1) * shape.stride_w + (shape.kernel_w - 1) * shape.dilation_w + 1;
  const std::size_t window = (shape.kernel_h - 1) * shape.dilation_h + 1;
  const std::size_t fitting = kBandBytes / (sizeof(float) * band.columns * shape.in_c);
  const std::size_t more = fitting < window ? 0 : (fitting - window) / shape.stride_h;
  band.out_rows = std::min(shape.out_h, 1 + more);
  band.rows = (band.out_rows - 1) * shape.stride_h + window;
  band.floats = band.rows * band.columns * shape.in_c;
  if (layout == ImageLayout::nchw) {
    band.row_stride = band.columns;
    band.column_stride = 1;
    band.channel_stride = band.rows * band.columns;
  } else {
    band.row_stride = band.columns * shape.in_c;
    band.column_stride = shape.in_c;
    band.channel_stride = 1;
  }
  return band;
}

// `count` pixels of `width` floats each, x_stride apart, to `to`, with what lies outside the image as 0.
void copy_row(const float* from, std::size_t width, std::size_t x_stride, std::size_t in_w, std::size_t pad,
              std::size_t columns, float* to) {
  const std::size_t before = std::min(pad, columns);
  const std::size_t inside = std::min(in_w, columns - before);
  std::fill_n(to, before * width, 0.0f);
  to += before * width;
  if (x_stride == width) {
    std::copy_n(from, inside * width, to);
  } else {
    for (std::size_t i = 0; i < inside; ++i) std::copy_n(from + i * x_stride, width, to + i * width);
  }
  std::fill_n(to + inside * width, (columns - before - inside) * width, 0.0f);
}

void copy_band(ImageLayout layout, const ConvShape& shape, const Band& band, const float* x, std::size_t x_stride,
               std::size_t first_out, float* to) {
  const bool planar = layout == ImageLayout::nchw;
  for (std::size_t row = 0; row < band.rows; ++row) {
    const std::size_t ih = conv_input(first_out, shape.stride_h, row, 1, shape.pad_top, shape.in_h);
    for (std::size_t c = 0; c < (planar ? shape.in_c : 1); ++c) {
      float* copy = to + row * band.row_stride + (planar ? c * band.channel_stride : 0);
      const std::size_t width = planar ? 1 : shape.in_c;
      if (ih >= shape.in_h) {
        std::fill_n(copy, band.columns * width, 0.0f);
      } else {
        const float* from = x + (planar ? c * x_stride + ih * shape.in_w : ih * shape.in_w * x_stride);
        copy_row(from, width, planar ? 1 : x_stride, shape.in_w, shape.pad_left, band.columns, copy);
      }
    }
  }
}

void fill_offsets(const ConvShape& shape, const Band& band, int32_t* offsets) {
  for (std::size_t kh = 0; kh < shape.kernel_h; ++kh) {
    for (std::size_t kw = 0; kw < shape.kernel_w; ++kw) {
      for (std::size_t c = 0; c < shape.in_c; ++c) {
        *offsets++ = static_cast<int32_t>(kh * shape.dilation_h * band.row_stride +
                                          kw * shape.dilation_w * band.column_stride + c * band.channel_stride);
      }
    }
  }
}

// One row of output against one panel.
struct Row {
  std::size_t pixels, depth;
  const float* x;
  std::size_t step;  // floats from one pixel's window to the next's
  const int32_t* offsets;
  const float* weights;
  const float* bias;
  float* y;
  std::size_t y_stride;
  std::size_t columns;
  Clamp clamp;
};

// Called through a table, so that the linker's optimizer leaves each a function of its own.
template <int vectors>
void one_row(const Row& row) {
  const auto [pixels, depth, x, step, offsets, weights, bias, y, y_stride, columns, clamp] = row;
  for (std::size_t pixel = 0; pixel < pixels; pixel += kTileRows) {
    Tile<kTileRows, vectors> tile(bias);
    const float* at = x + pixel * step;
    tile.add_offsets(depth, {at, at + step, at + 2 * step, at + 3 * step}, offsets, weights);
    float* to = y + pixel * y_stride;
    if (pixel + kTileRows <= pixels && columns == 4 * vectors) {
      tile.put_whole(to, y_stride, clamp);
    } else {
      tile.put(to, y_stride, std::min(kTileRows, pixels - pixel), columns, clamp);
    }
  }
}

using OneRow = void (*)(const Row&);
constexpr OneRow kOneRow[2] = {one_row<1>, one_row<2>};

void all_panels(Row row, std::size_t out_c, const float* packed, const float* bias, float* y) {
  for (std::size_t o = 0; o < out_c; o += kPanel) {
    row.columns = std::min(kPanel, out_c - o);
    const PanelBias start(bias ? bias + o : nullptr, row.columns);
    row.bias = start.values;
    row.weights = packed + o * row.depth;
    row.y = y + o;
    kOneRow[panel_vectors(row.columns) - 1](row);
  }
}

}  // namespace

std::size_t conv_first_scratch_bytes(ImageLayout layout, const ConvShape& shape) {
  return sizeof(int32_t) * shape.depth() + sizeof(float) * plan_band(layout, shape).floats;
}

void conv_first_f32__simd(ImageLayout layout, const ConvShape& shape, const float* x, std::size_t x_stride,
                          const float* packed, const float* bias, float* y, std::size_t y_stride, void* scratch,
                          const Epilogue& epilogue) {
  const Band band = plan_band(layout, shape);
  auto* offsets = static_cast<int32_t*>(scratch);
  auto* copy = reinterpret_cast<float*>(offsets + shape.depth());
  fill_offsets(shape, band, offsets);
  LineFinisher finisher(epilogue, y, shape.out_h, shape.out_w, shape.out_c, y_stride);
  for (std::size_t oh = 0; oh < shape.out_h; ++oh) {
    const std::size_t in_band = oh % band.out_rows;
    if (in_band == 0) copy_band(layout, shape, band, x, x_stride, oh, copy);
    all_panels({.pixels = shape.out_w,
                .depth = shape.depth(),
                .x = copy + in_band * shape.stride_h * band.row_stride,
                .step = shape.stride_w * band.column_stride,
                .offsets = offsets,
                .y_stride = y_stride,
                .clamp = epilogue.clamp},
               shape.out_c, packed, bias, y + oh * shape.out_w * y_stride);
    finisher.done(oh + 1);
  }
}

}  // namespace narrowcast::kernels
