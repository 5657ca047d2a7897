#include "plan/capability.h"

namespace narrowcast {

Capability capability_of(const Model& model) {
  constexpr int64_t kFirstWithBlocks = 21;
  const bool is_tflite = model.format->name == "tflite";
  const bool native = !is_tflite && model.graph.opset("") >= kFirstWithBlocks;
  return {.is_tflite = is_tflite,
          .unsigned_weights = !is_tflite,
          .blocks = native ? BlockForm::native : BlockForm::expanded};
}

}  // namespace narrowcast
