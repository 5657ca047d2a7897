#include "plan/capability.h"

namespace narrowcast {

Capability capability_of(const Model& model) {
  if (model.format->name == "tflite") {
    return {.is_tflite = true, .standard_per_channel = true, .blocks = BlockForm::rows, .unsigned_weights = false};
  }
  constexpr int64_t kFirstWithAxis = 13;
  constexpr int64_t kFirstWithBlocks = 21;
  const int64_t opset = model.graph.opset("");
  return {.is_tflite = false,
          .standard_per_channel = opset >= kFirstWithAxis,
          .blocks = opset >= kFirstWithBlocks ? BlockForm::native : BlockForm::expanded,
          .unsigned_weights = true};
}

}  // namespace narrowcast
