// What a file can say about narrowed weights: its format, and for ONNX the opset it imports.
#pragma once

#include "base/dtype.h"
#include "formats/format.h"

namespace narrowcast {

// How 4-bit blocks are written.
enum class BlockForm : uint8_t {
  native,    // ONNX opset 21: DequantizeLinear with block_size
  expanded,  // older ONNX, and TFLite: codes widened with scale 1, then multiplied by the blocks' scales, then reshaped
};

struct Capability {
  bool is_tflite = false;
  bool unsigned_weights = false;
  BlockForm blocks = BlockForm::native;

  // A short last block can be written; otherwise the block size must divide the summed length.
  [[nodiscard]] bool ragged_blocks() const { return blocks == BlockForm::native; }
};

Capability capability_of(const Model& model);

}  // namespace narrowcast
