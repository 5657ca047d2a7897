// Pictures made larger or smaller. Pixels are bytes, rows one behind the other, channels innermost.
#pragma once

#include <cstdint>
#include <vector>

namespace narrowcast::data {

struct Size {
  int height = 0;
  int width = 0;

  friend bool operator==(const Size&, const Size&) = default;
};

// `values` holds size.height * size.width * channels elements.
template <typename T>
struct Picture {
  Size size;
  int channels = 0;
  std::vector<T> values;
};

// The triangle filter with antialiasing, as Pillow's Image.resize(BILINEAR) does it on 8-bit images (its Resample.c).
// Along an axis of `in` elements that becomes one of `out`, with s = in / out and f = max(s, 1):
//   weight(x) = triangle((x - c + 0.5) / f), c = (o + 0.5) * s, for x from trunc(c - f + 0.5) until trunc(c + f + 0.5)
// in float64, divided by their sum and rounded to 22 fractional bits, half up. An output is the integer sum
// of weight * pixel, rounded half up and clamped to a byte; columns first, then rows, a pass without a change of size
// left out. (Pillow 13 does rows first where that is less work, which now and then changes a pixel by 1.) A new size is
// at least 1 x 1.
Picture<uint8_t> resize_antialias(const Picture<uint8_t>& picture, Size size);

// Bilinear between the four nearest pixels, half-pixel centres, as TensorFlow's resize_bilinear(half_pixel_centers):
//   x = (o + 0.5) * (in / out) - 0.5; near = a + (b - a) * (x - floor(x))
// in float32, along a row first; beyond an edge its last pixel counts. Nothing is rounded to whole numbers.
Picture<float> resize_bilinear(const Picture<uint8_t>& picture, Size size);

// The pixel at floor((o + 0.5) * in / out), exactly.
Picture<uint8_t> resize_nearest(const Picture<uint8_t>& picture, Size size);

}  // namespace narrowcast::data
