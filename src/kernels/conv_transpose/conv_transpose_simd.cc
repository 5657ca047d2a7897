#include <algorithm>

#include "kernels/conv/indirect.h"
#include "kernels/conv_transpose/conv_transpose.h"
#include "kernels/tile.h"

namespace narrowcast::kernels {
namespace {

using simd::kTileRows;

constexpr std::size_t kMostPixels = 64;  // of a block

struct Image {
  const float* x;
  std::size_t x_stride;
  const float* zero;  // in_c zeros
};

// The input coordinate behind tap k of its phase, or `size` when it lies outside.
std::size_t source(std::size_t out, std::size_t pad, std::size_t k, std::size_t dilation, std::size_t stride,
                   std::size_t size) {
  const std::size_t at = out + pad;
  return at < k * dilation ? size : std::min(size, (at - k * dilation) / stride);
}

// Pointers of one output pixel, one for each tap of its phase; those of its three neighbours lie between them.
void point_at_taps(const ConvShape& s, const Image& image, std::size_t oh, std::size_t ow, const float** at) {
  for (std::size_t kh = 0; kh < s.kernel_h; ++kh) {
    if (!in_phase(oh, kh, s.stride_h, s.dilation_h, s.pad_top)) continue;
    const std::size_t ih = source(oh, s.pad_top, kh, s.dilation_h, s.stride_h, s.in_h);
    for (std::size_t kw = 0; kw < s.kernel_w; ++kw) {
      if (!in_phase(ow, kw, s.stride_w, s.dilation_w, s.pad_left)) continue;
      const std::size_t iw = source(ow, s.pad_left, kw, s.dilation_w, s.stride_w, s.in_w);
      *at = ih < s.in_h && iw < s.in_w ? image.x + (ih * s.in_w + iw) * image.x_stride : image.zero;
      at += kTileRows;
    }
  }
}

// Pixels ow, ow + stride_w, ... of line oh: all of one phase. Pixels missing from the last four read zeros.
void point_at_phase(const ConvShape& s, const Image& image, std::size_t oh, std::size_t ow, std::size_t count,
                    std::size_t taps, const float** pointers) {
  for (std::size_t pixel = 0; pixel < count; ++pixel, ow += s.stride_w) {
    point_at_taps(s, image, oh, ow, pointers + pixel / kTileRows * kTileRows * taps + pixel % kTileRows);
  }
  for (std::size_t pixel = count; pixel % kTileRows != 0; ++pixel) {
    const float** at = pointers + pixel / kTileRows * kTileRows * taps + pixel % kTileRows;
    for (std::size_t tap = 0; tap < taps; ++tap) at[tap * kTileRows] = image.zero;
  }
}

struct Call {
  const ConvShape& shape;
  Image image;
  const float* packed;
  const float* bias;
  float* y;
  std::size_t y_stride;
  const float** pointers;
  Clamp clamp;
};

// The outputs of one phase in line oh: pixels phase, phase + stride_w, ...
struct Line {
  std::size_t oh, phase, pixels;
  std::size_t taps, before;  // of the phase; products per output of the phases before
};

// A phase of one tap reads neighbouring pixels: a plain product, unless it touches the padding.
bool by_product(const Call& call, const Line& line) {
  const ConvShape& s = call.shape;
  if (line.taps != 1) return false;
  std::size_t kh = 0, kw = 0;
  while (!in_phase(line.oh, kh, s.stride_h, s.dilation_h, s.pad_top)) ++kh;
  while (!in_phase(line.phase, kw, s.stride_w, s.dilation_w, s.pad_left)) ++kw;
  const std::size_t last = line.phase + (line.pixels - 1) * s.stride_w;
  const std::size_t ih = source(line.oh, s.pad_top, kh, s.dilation_h, s.stride_h, s.in_h);
  const std::size_t iw = source(line.phase, s.pad_left, kw, s.dilation_w, s.stride_w, s.in_w);
  if (ih >= s.in_h || iw >= s.in_w) return false;
  if (source(last, s.pad_left, kw, s.dilation_w, s.stride_w, s.in_w) >= s.in_w) return false;
  const float* x = call.image.x + (ih * s.in_w + iw) * call.image.x_stride;
  float* y = call.y + (line.oh * s.out_w + line.phase) * call.y_stride;
  for (std::size_t group = 0; group < s.groups; ++group) {
    const std::size_t o = group * s.group_out();
    gemm_f32__simd(line.pixels, s.group_out(), s.group_in(), x + group * s.group_in(), call.image.x_stride,
                   call.packed + packed_gemm_floats(s.group_out(), group * s.depth() + line.before),
                   call.bias ? call.bias + o : nullptr, y + o, s.stride_w * call.y_stride, {call.clamp});
  }
  return true;
}

void one_phase(const Call& call, std::size_t oh, std::size_t phase) {
  const ConvShape& s = call.shape;
  const std::size_t h = oh % s.stride_h, taps = phase_taps_h(s, h) * phase_taps_w(s, phase);
  const std::size_t before = taps_before_phase(s, h, phase) * s.group_in();
  const std::size_t pixels = (s.out_w - phase + s.stride_w - 1) / s.stride_w;
  if (by_product(call, {oh, phase, pixels, taps, before})) return;
  for (std::size_t first = 0; first < pixels; first += kMostPixels) {
    const std::size_t count = std::min(kMostPixels, pixels - first), ow = phase + first * s.stride_w;
    point_at_phase(s, call.image, oh, ow, count, taps, call.pointers);
    IndirectPanel panel{.pointers = call.pointers,
                        .pixels = count,
                        .taps = taps,
                        .channels = s.group_in(),
                        .y_stride = s.stride_w * call.y_stride,
                        .clamp = call.clamp};
    float* y = call.y + (oh * s.out_w + ow) * call.y_stride;
    for (std::size_t group = 0; group < s.groups; ++group) {
      const std::size_t o = group * s.group_out();
      panel.offset = group * s.group_in();
      indirect_group(panel, call.packed + packed_gemm_floats(s.group_out(), group * s.depth() + before),
                     call.bias ? call.bias + o : nullptr, y + o, s.group_out());
    }
  }
}

}  // namespace

std::size_t conv_transpose_scratch_bytes(const ConvShape& shape) {
  return kMostPixels * shape.taps() * sizeof(const float*) + shape.in_c * sizeof(float);
}

void conv_transpose_f32__simd(const ConvShape& shape, const float* x, std::size_t x_stride, const float* packed,
                              const float* bias, float* y, std::size_t y_stride, void* scratch,
                              const Epilogue& epilogue) {
  auto** pointers = static_cast<const float**>(scratch);
  auto* zero = reinterpret_cast<float*>(pointers + kMostPixels * shape.taps());
  std::fill_n(zero, shape.in_c, 0.0f);
  const Call call{shape, {x, x_stride, zero}, packed, bias, y, y_stride, pointers, epilogue.clamp};
  LineFinisher finisher(epilogue, y, shape.out_h, shape.out_w, shape.out_c, y_stride);
  for (std::size_t oh = 0; oh < shape.out_h; ++oh) {
    for (std::size_t phase = 0; phase < std::min(shape.stride_w, shape.out_w); ++phase) one_phase(call, oh, phase);
    finisher.done(oh + 1);
  }
}

}  // namespace narrowcast::kernels
