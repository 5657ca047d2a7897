// Resizing of float32 along axes whose source places and weights are handed in as tables, made once per node. Floats at
// any address that is a multiple of 4; y does not overlap x; every index must lie in the axis. Both variants agree bit
// for bit, NaN payloads apart. A weight of 0 does not hide an infinity or a NaN (0 * inf), as in onnxruntime.
#pragma once

#include <cstddef>
#include <cstdint>

namespace narrowcast::kernels {

// One axis: x (outer, n, inner) -> y (outer, out, inner). Output o is the sum of `taps` terms
// weight[o * taps + k] * x[index[o * taps + k]], added ascending from the first (products and sums each rounded): two
// taps are linear interpolation, four cubic, more antialiasing.
struct ResizeAxis {
  std::size_t n = 1;
  std::size_t out = 1;
  std::size_t taps = 2;
  const int32_t* index = nullptr;  // [out * taps]
  const float* weight = nullptr;   // [out * taps]
};
void resize_axis_f32__ref(const float* x, std::size_t outer, std::size_t inner, const ResizeAxis& axis, float* y);
void resize_axis_f32__simd(const float* x, std::size_t outer, std::size_t inner, const ResizeAxis& axis, float* y);
inline void resize_axis_f32(const float* x, std::size_t outer, std::size_t inner, const ResizeAxis& axis, float* y) {
  resize_axis_f32__simd(x, outer, inner, axis, y);
}

// Images in NHWC, two taps per axis: x (batch, height.n, width.n, channels) -> y (batch, height.out, width.out,
// channels). First along the width, then along the height: the bytes of resize_axis_f32 over the width and then over
// the height, without the intermediate image.
struct ResizeImage {
  std::size_t batch = 1;
  std::size_t channels = 1;
  ResizeAxis height;
  ResizeAxis width;
};
void resize_bilinear_f32__ref(const float* x, const ResizeImage& p, float* y);
void resize_bilinear_f32__simd(const float* x, const ResizeImage& p, float* y);
inline void resize_bilinear_f32(const float* x, const ResizeImage& p, float* y) { resize_bilinear_f32__simd(x, p, y); }

// The same shapes, each pixel a copy of pixel (height.index[oy], width.index[ox]); taps and weights are not used.
void resize_nearest_f32__ref(const float* x, const ResizeImage& p, float* y);
void resize_nearest_f32__simd(const float* x, const ResizeImage& p, float* y);
inline void resize_nearest_f32(const float* x, const ResizeImage& p, float* y) { resize_nearest_f32__simd(x, p, y); }

}  // namespace narrowcast::kernels
