#include "kernels/scale/scale.h"

#include "base/math/round.h"

namespace narrowcast::kernels {
namespace {

constexpr double kSmallestNormal = 0x1p-126;   // of float32
constexpr double kTorchSmallest = 0x1p-23;     // float32 epsilon: the observer's floor
constexpr double kActivationTolerance = 1e-6;  // tflite: a narrower activation range is widened by it, twice
constexpr double kWeightHalfRange = 5e-7;      // tflite: the smallest half range of a weight

struct Range {
  float min, max;
};

float magnitude(float x) { return x < 0 ? -x : x; }
double magnitude(double x) { return x < 0 ? -x : x; }

Range include_zero(float rmin, float rmax) {
  // The comparisons also turn -0, and the +inf..-inf of an empty tensor, into +0.
  return {rmin < 0 ? rmin : 0.0f, rmax > 0 ? rmax : 0.0f};
}

Range mirror(Range r) {
  const float a = magnitude(r.min) > magnitude(r.max) ? magnitude(r.min) : magnitude(r.max);
  return {-a, a};
}

ScaleZeroPoint scale_ort(Range r, CodeRange codes, bool symmetric) {
  if (symmetric) r = mirror(r);
  const float width = r.max - r.min;  // float32 by specification
  const double scale = static_cast<double>(width) / (static_cast<double>(codes.max) - static_cast<double>(codes.min));
  if (!(scale >= kSmallestNormal)) return {1.0, 0};
  const double zero = symmetric ? (static_cast<double>(codes.min) + static_cast<double>(codes.max)) / 2.0
                                : static_cast<double>(codes.min) - static_cast<double>(r.min) / scale;
  return {static_cast<double>(static_cast<float>(scale)), static_cast<int32_t>(math::round_half_even(zero))};
}

ScaleZeroPoint scale_torch(Range r, CodeRange codes) {
  const double half_range = (static_cast<double>(codes.max) - static_cast<double>(codes.min)) / 2.0;
  double scale = static_cast<double>(static_cast<float>(static_cast<double>(mirror(r).max) / half_range));
  if (!(scale >= kTorchSmallest)) scale = kTorchSmallest;
  return {scale, codes.min < 0 ? 0 : (codes.min + codes.max + 1) / 2};
}

// The zero point from whichever end of the range has the smaller error bound.
int32_t nudged_zero_point(double rmin, double rmax, double scale, CodeRange codes) {
  const double qmin = codes.min;
  const double qmax = codes.max;
  const double error_min = magnitude(qmin) + magnitude(rmin / scale);
  const double error_max = magnitude(qmax) + magnitude(rmax / scale);
  const double zero = error_min < error_max ? qmin - rmin / scale : qmax - rmax / scale;
  if (zero < qmin) return codes.min;
  if (zero > qmax) return codes.max;
  return static_cast<int32_t>(math::round_half_away(zero));
}

ScaleZeroPoint scale_tflite(Range r, CodeRange codes, bool symmetric, RangeOf what) {
  if (symmetric) r = mirror(r);
  double rmin = r.min;
  double rmax = r.max;
  if (what == RangeOf::weight && rmax - rmin <= 2 * kWeightHalfRange) {
    rmin = rmin < -kWeightHalfRange ? rmin : -kWeightHalfRange;
    rmax = rmax > kWeightHalfRange ? rmax : kWeightHalfRange;
  } else if (what == RangeOf::activation && rmax - rmin < kActivationTolerance) {
    rmin -= kActivationTolerance;
    rmax += kActivationTolerance;
  }
  const double levels = static_cast<double>(codes.max) - static_cast<double>(codes.min);
  const double scale = (rmax - rmin) / levels;
  return {scale, symmetric ? 0 : nudged_zero_point(rmin, rmax, scale, codes)};
}

}  // namespace

ScaleZeroPoint compute_scale_zero_point(float rmin, float rmax, CodeRange codes, bool symmetric, Formula formula,
                                        RangeOf what) {
  const Range range = include_zero(rmin, rmax);
  switch (formula) {
    case Formula::ort:
      return scale_ort(range, codes, symmetric);
    case Formula::torch:
      return scale_torch(range, codes);
    case Formula::tflite:
      return scale_tflite(range, codes, symmetric, what);
  }
  return {};
}

ScaleZeroPoint compute_scale_zero_point_ort(float rmin, float rmax, CodeRange codes, bool symmetric,
                                            float min_real_range) {
  Range range = include_zero(rmin, rmax);
  if (range.max < range.min + min_real_range) range.max = range.min + min_real_range;
  return scale_ort(range, codes, symmetric);
}

}  // namespace narrowcast::kernels
