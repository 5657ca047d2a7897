#include <algorithm>

#include "kernels/conv/conv.h"
#include "kernels/conv/indirect.h"
#include "kernels/tile.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

constexpr std::size_t kMostPixels = 64;  // of a block
constexpr std::size_t kPixels = 32;      // of a block that nobody asks to be small

bool is_matrix_product(const ConvShape& shape) {
  return shape.taps() == 1 && shape.stride_h == 1 && shape.stride_w == 1 && shape.pad_top == 0 && shape.pad_left == 0 &&
         shape.groups == 1 && shape.in_h == shape.out_h && shape.in_w == shape.out_w;
}

std::size_t pixels_per_block(const ConvShape& shape, const Epilogue& epilogue) {
  return epilogue.finish ? std::min(kMostPixels, finish_rows(shape.out_c, 16)) : kPixels;
}

struct Image {
  const float* x;
  std::size_t x_stride;
  const float* zero;  // in_c zeros
};

// One pixel's pointers, one a tap; those of its three neighbours lie between them.
void point_at_window(const ConvShape& shape, const Image& image, std::size_t oh, std::size_t ow, const float** at) {
  for (std::size_t kh = 0; kh < shape.kernel_h; ++kh) {
    const std::size_t ih = conv_input(oh, shape.stride_h, kh, shape.dilation_h, shape.pad_top, shape.in_h);
    const float* row = image.x + ih * shape.in_w * image.x_stride;
    for (std::size_t kw = 0; kw < shape.kernel_w; ++kw, at += kTileRows) {
      const std::size_t iw = conv_input(ow, shape.stride_w, kw, shape.dilation_w, shape.pad_left, shape.in_w);
      *at = ih < shape.in_h && iw < shape.in_w ? row + iw * image.x_stride : image.zero;
    }
  }
}

void point_at_block(const ConvShape& shape, const Image& image, std::size_t first, std::size_t count,
                    const float** pointers) {
  std::size_t oh = first / shape.out_w, ow = first % shape.out_w;
  for (std::size_t pixel = 0; pixel < count; ++pixel) {
    const float** four = pointers + pixel / kTileRows * kTileRows * shape.taps();
    point_at_window(shape, image, oh, ow, four + pixel % kTileRows);
    if (++ow == shape.out_w) {
      ow = 0;
      ++oh;
    }
  }
  for (std::size_t pixel = count; pixel % kTileRows != 0; ++pixel) {
    const float** four = pointers + pixel / kTileRows * kTileRows * shape.taps();
    for (std::size_t tap = 0; tap < shape.taps(); ++tap) four[tap * kTileRows + pixel % kTileRows] = image.zero;
  }
}

}  // namespace

std::size_t conv_scratch_bytes(const ConvShape& shape) {
  if (is_matrix_product(shape)) return 0;
  return kMostPixels * shape.taps() * sizeof(const float*) + shape.in_c * sizeof(float);
}

void conv_f32__simd(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                    const float* bias, float* y, std::size_t y_stride, void* scratch, const Epilogue& epilogue) {
  if (is_matrix_product(shape)) {
    gemm_f32__simd(shape.pixels(), shape.out_c, shape.in_c, x, x_stride, packed, bias, y, y_stride, epilogue);
    return;
  }
  auto** pointers = static_cast<const float**>(scratch);
  auto* zero = reinterpret_cast<float*>(pointers + kMostPixels * shape.taps());
  std::fill_n(zero, shape.in_c, 0.0f);
  const std::size_t step = pixels_per_block(shape, epilogue);
  const std::size_t group_floats = packed_gemm_floats(shape.group_out(), shape.depth());
  for (std::size_t pixel = 0; pixel < shape.pixels(); pixel += step) {
    const std::size_t count = std::min(step, shape.pixels() - pixel);
    point_at_block(shape, {x, x_stride, zero}, pixel, count, pointers);
    IndirectPanel panel{.pointers = pointers,
                        .pixels = count,
                        .taps = shape.taps(),
                        .channels = shape.group_in(),
                        .y_stride = y_stride,
                        .clamp = epilogue.clamp};
    float* rows = y + pixel * y_stride;
    for (std::size_t group = 0; group < shape.groups; ++group) {
      const std::size_t o = group * shape.group_out();
      panel.offset = group * shape.group_in();
      indirect_group(panel, packed + group * group_floats, bias ? bias + o : nullptr, rows + o, shape.group_out());
    }
    if (epilogue.finish) epilogue.finish(epilogue.context, rows, pixel, count);
  }
}

}  // namespace narrowcast::kernels
