// How pictures become numbers, under the names by which people know it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace narrowcast::data {

enum class Fit : uint8_t {
  stretch,    // to the size, whatever becomes of the proportions
  cover,      // in proportion, so that it covers a somewhat larger size; the middle is cut out
  letterbox,  // in proportion, so that it lies inside; grey around it
};
enum class Interpolation : uint8_t { antialias, bilinear, nearest };

// A number is (pixel / divisor - mean) / deviation, in float32, in this order. Means and deviations are those of red,
// green and blue, whatever order the model takes; a model of one channel takes the first.
struct ImagePreset {
  std::string_view name;
  std::string_view sentence;
  Fit fit = Fit::stretch;
  Interpolation interpolation = Interpolation::antialias;
  int size = 0;    // height and width where the model leaves them open; 0: the picture's own
  int covers = 0;  // with Fit::cover, what is covered when the model takes `size`; others in proportion
  float divisor = 1;
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> deviation{1, 1, 1};
  bool blue_first = false;
};

std::span<const ImagePreset> image_presets();
// Null when there is none of this name.
const ImagePreset* find_image_preset(std::string_view name);

std::string_view fit_name(Fit fit);
std::string_view interpolation_name(Interpolation interpolation);
inline constexpr std::array kFits{Fit::stretch, Fit::cover, Fit::letterbox};
inline constexpr std::array kInterpolations{Interpolation::antialias, Interpolation::bilinear, Interpolation::nearest};

}  // namespace narrowcast::data
