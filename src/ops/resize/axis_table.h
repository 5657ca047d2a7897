// Where each output of a resized axis is sampled, and with which weights.
#pragma once

#include <optional>

#include "ops/eval.h"

namespace narrowcast::ops {

enum class Sampling : uint8_t { nearest, linear, cubic };

enum class Coordinates : uint8_t {
  half_pixel,
  half_pixel_symmetric,
  pytorch_half_pixel,
  align_corners,
  asymmetric,
  tf_half_pixel_for_nn,
  tf_crop_and_resize
};

// `floor_or_ceil`: what opset 10 means, by axis: floor when it grows, ceil when it shrinks.
enum class Rounding : uint8_t { prefer_floor, prefer_ceil, floor, ceil, floor_or_ceil };

struct ResizeRules {
  Sampling sampling = Sampling::nearest;
  Coordinates coordinates = Coordinates::half_pixel;
  Rounding rounding = Rounding::prefer_floor;
  float cubic_a = -0.75F;
  bool exclude_outside = false;
  bool antialias = false;
};

struct ResizedAxis {
  std::size_t n = 1;
  std::size_t out = 1;
  float scale = 1;
  float roi_start = 0;
  float roi_end = 1;
};

struct AxisTable {
  std::size_t taps = 1;
  std::vector<int32_t> index;  // [out * taps]
  std::vector<float> weight;   // [out * taps]; none when nearest
  std::vector<bool> outside;   // by output; none unless cropped
};

// The coordinate of output `o` in float32 arithmetic, as onnxruntime takes it. Align_corners divides by the integer
// size, where ONNX's own reference takes n * scale.
float source_coordinate(const ResizeRules& rules, const ResizedAxis& axis, std::size_t o);

// Errors: unsupported, for tables beyond 2^26 entries.
Result<AxisTable> make_axis_table(const ResizeRules& rules, const ResizedAxis& axis);

// TFLite, likewise in float32.
Result<AxisTable> make_tflite_table(Sampling sampling, bool align_corners, bool half_pixel_centers, std::size_t n,
                                    std::size_t out);

}  // namespace narrowcast::ops
