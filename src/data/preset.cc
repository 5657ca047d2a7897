#include "data/preset.h"

#include <algorithm>

namespace narrowcast::data {

// Sources: torchvision's reference transforms (imagenet); Keras' imagenet_utils.preprocess_input (tf, caffe);
// Ultralytics' LetterBox (yolo).
std::span<const ImagePreset> image_presets() {
  static constexpr std::array kPresets{
      ImagePreset{.name = "imagenet",
                  .sentence = "PyTorch's image classifiers: the shorter side to 256, the middle 224 cut out; 0 to 1, "
                              "less mean, by deviation.",
                  .fit = Fit::cover,
                  .size = 224,
                  .covers = 256,
                  .divisor = 255,
                  .mean = {0.485F, 0.456F, 0.406F},
                  .deviation = {0.229F, 0.224F, 0.225F}},
      ImagePreset{.name = "tf",
                  .sentence = "TensorFlow's and Keras' image models: stretched to the size; -1 to 1.",
                  .divisor = 127.5F,
                  .mean = {1, 1, 1}},
      ImagePreset{.name = "zero-one", .sentence = "Stretched to the size; 0 to 1.", .divisor = 255},
      ImagePreset{.name = "caffe",
                  .sentence =
                      "Models from Caffe, and Keras' ResNet and VGG: the shorter side to 256, the middle 224 cut "
                      "out; blue first, 0 to 255, less mean.",
                  .fit = Fit::cover,
                  .size = 224,
                  .covers = 256,
                  .mean = {123.68F, 116.779F, 103.939F},
                  .blue_first = true},
      ImagePreset{.name = "yolo",
                  .sentence = "YOLO's detectors: the whole picture inside the size, grey around it; 0 to 1.",
                  .fit = Fit::letterbox,
                  .interpolation = Interpolation::bilinear,
                  .size = 640,
                  .divisor = 255},
      ImagePreset{.name = "raw", .sentence = "Stretched to the size; 0 to 255, as pixels are."},
  };
  return kPresets;
}

const ImagePreset* find_image_preset(std::string_view name) {
  const auto presets = image_presets();
  const auto found = std::ranges::find(presets, name, &ImagePreset::name);
  return found == presets.end() ? nullptr : &*found;
}

std::string_view fit_name(Fit fit) {
  switch (fit) {
    case Fit::stretch:
      return "stretch";
    case Fit::cover:
      return "cover";
    case Fit::letterbox:
      break;
  }
  return "letterbox";
}

std::string_view interpolation_name(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::antialias:
      return "antialias";
    case Interpolation::bilinear:
      return "bilinear";
    case Interpolation::nearest:
      break;
  }
  return "nearest";
}

}  // namespace narrowcast::data
