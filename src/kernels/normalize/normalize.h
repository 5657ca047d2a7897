// Normalizations of float32. Floats at any address that is a multiple of 4; y may be x. All means and sums are taken in
// the order of reduce/order.h and divided by the count as a float; the variance is that of a second pass,
// sum((x - mean)^2) / count; inv_std = 1 / sqrt(variance + epsilon). Both variants agree bit for bit, NaN payloads
// apart. NaN and infinities spread over what is normalized together.
#pragma once

#include <cstddef>

namespace narrowcast::kernels {

struct RowNorm {
  std::size_t rows = 0;
  std::size_t n = 0;             // elements of a row, >= 1
  const float* gamma = nullptr;  // [n], or none
  const float* beta = nullptr;   // [n], or none
  float epsilon = 0;
  float* mean = nullptr;     // [rows], or not wanted
  float* inv_std = nullptr;  // [rows], or not wanted
};

// x, y (rows, n). y = ((x - mean) * inv_std) * gamma + beta, each operation rounded, absent ones left out.
void layer_norm_f32__ref(const float* x, const RowNorm& p, float* y);
void layer_norm_f32__simd(const float* x, const RowNorm& p, float* y);
inline void layer_norm_f32(const float* x, const RowNorm& p, float* y) { layer_norm_f32__simd(x, p, y); }

// y = (x * inv) * gamma + beta, inv = 1 / sqrt(sum(x^2) / n + epsilon), which goes to p.inv_std; p.mean is not used.
void rms_norm_f32__ref(const float* x, const RowNorm& p, float* y);
void rms_norm_f32__simd(const float* x, const RowNorm& p, float* y);
inline void rms_norm_f32(const float* x, const RowNorm& p, float* y) { rms_norm_f32__simd(x, p, y); }

struct GroupNorm {
  std::size_t batch = 0;
  std::size_t pixels = 0;        // >= 1
  std::size_t channels = 0;      // a multiple of groups
  std::size_t groups = 0;        // channels: instance normalization
  const float* gamma = nullptr;  // [channels], or none
  const float* beta = nullptr;   // [channels], or none
  float epsilon = 0;
};

// y = (x - mean) * factor + beta, factor = inv_std * gamma. x, y (batch, channels, pixels): a group is one row of
// channels / groups * pixels elements.
void group_norm_nchw_f32__ref(const float* x, const GroupNorm& p, float* y);
void group_norm_nchw_f32__simd(const float* x, const GroupNorm& p, float* y);
inline void group_norm_nchw_f32(const float* x, const GroupNorm& p, float* y) { group_norm_nchw_f32__simd(x, p, y); }

// The same for (batch, pixels, channels): columns over the pixels, whose sums a group adds in ascending order of
// channels, from 0. scratch: 3 * channels floats.
void group_norm_nhwc_f32__ref(const float* x, const GroupNorm& p, float* y, float* scratch);
void group_norm_nhwc_f32__simd(const float* x, const GroupNorm& p, float* y, float* scratch);
inline void group_norm_nhwc_f32(const float* x, const GroupNorm& p, float* y, float* scratch) {
  group_norm_nhwc_f32__simd(x, p, y, scratch);
}

// y = x * scale[c] + shift[c] for (rows, channels): a BatchNormalization that stands alone.
void scale_shift_f32__ref(const float* x, std::size_t rows, std::size_t channels, const float* scale,
                          const float* shift, float* y);
void scale_shift_f32__simd(const float* x, std::size_t rows, std::size_t channels, const float* scale,
                           const float* shift, float* y);
inline void scale_shift_f32(const float* x, std::size_t rows, std::size_t channels, const float* scale,
                            const float* shift, float* y) {
  scale_shift_f32__simd(x, rows, channels, scale, shift, y);
}

struct Lrn {
  std::size_t outer = 0;
  std::size_t channels = 0;
  std::size_t inner = 0;  // 1 for NHWC, the pixels for NCHW
  std::size_t below = 0;  // channels of the window before the centre: ONNX (size - 1) / 2, TFLite radius
  std::size_t above = 0;  // after it: ONNX size / 2, TFLite radius
  float alpha = 0;        // per element of the window: ONNX alpha / size, TFLite alpha
  float beta = 0;
  float bias = 0;
};

// Across channels: x, y (outer, channels, inner), y not x. y = x / (bias + alpha * s)^beta, s the squares of the
// window's channels that exist, added ascending from 0. The power: t, sqrt(t) or sqrt(t) * sqrt(sqrt(t)) for beta 1,
// 0.5 and 0.75; else pow_f32 of lanes/binary.h. scratch: channels + below + above floats.
void lrn_f32__ref(const float* x, const Lrn& p, float* y, float* scratch);
void lrn_f32__simd(const float* x, const Lrn& p, float* y, float* scratch);
inline void lrn_f32(const float* x, const Lrn& p, float* y, float* scratch) { lrn_f32__simd(x, p, y, scratch); }

}  // namespace narrowcast::kernels
