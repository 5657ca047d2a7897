// The weights of ONNX's recurrent layers, packed for the product kernel.
#pragma once

#include "ops/eval.h"
#include "ops/recurrent/onnx_cell.h"

namespace narrowcast::ops {

// Operands.
enum RecurrentSlot : std::size_t { kX, kW, kR, kB, kLengths, kInitialH, kInitialC, kPeepholes };
// Of DynamicQuantizeLSTM, behind those: of W and R, which hold codes.
enum DynamicSlot : std::size_t { kWScale = 8, kWZeroPoint, kRScale, kRZeroPoint };

CellKind cell_kind(const RawOp& op);

// Weights of one direction as panels. GRU's recurrent weights are two matrices: of z and r, and of h.
struct PackedDirection {
  std::vector<float> w;
  std::vector<float> r;
  std::vector<float> r_fresh;
  std::vector<float> bias;        // gates * hidden, of the input's product
  std::vector<float> fresh_bias;  // GRU, linear before the reset: of the third recurrent product
};

struct PackedCells final : Prepared {
  std::vector<PackedDirection> directions;
};

struct RecurrentSizes {
  std::size_t sequence = 0, batch = 0, directions = 1, input = 0, hidden = 0, gates = 1;
  [[nodiscard]] std::size_t width() const { return gates * hidden; }
};

// What the weights tell: all but sequence and batch. Errors: malformed.
Result<RecurrentSizes> recurrent_sizes(const RawOp& op, const Tensor& w, const Tensor& r);

// w [directions, width, input], r [directions, width, hidden], b [directions, 2 width] or null.
PackedCells pack_cells(const RecurrentSizes& sizes, const RawOp& op, const float* w, const float* r, const float* b);

// [rows, columns] as the right operand of products that sum over columns.
std::vector<float> pack_rows(const float* w, std::size_t rows, std::size_t columns);

}  // namespace narrowcast::ops
