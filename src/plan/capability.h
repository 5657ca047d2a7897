// What a file can say about narrowed weights: its format, and for ONNX the opset it imports.
#pragma once

#include "base/dtype.h"
#include "formats/format.h"

namespace narrowcast {

// How 4-bit blocks are written.
enum class BlockForm : uint8_t {
  native,    // ONNX opset 21: DequantizeLinear with block_size
  expanded,  // older ONNX: com.microsoft.DequantizeLinear, then Mul by the blocks' scales, then Reshape
  rows,      // TFLite: DEQUANTIZE per row of a [rows, block] view, then RESHAPE
};

struct Capability {
  bool is_tflite = false;
  bool standard_per_channel = false;  // ONNX opset 13: DequantizeLinear with an axis
  BlockForm blocks = BlockForm::native;
  bool unsigned_weights = false;

  // A short last block can be written; otherwise the block size must divide the summed length.
  [[nodiscard]] bool ragged_blocks() const { return blocks == BlockForm::native; }
  // Blocks along an axis that is not the innermost.
  [[nodiscard]] bool outer_blocks() const { return blocks != BlockForm::rows; }
};

Capability capability_of(const Model& model);

}  // namespace narrowcast
