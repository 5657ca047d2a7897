#include "ops/recurrent/onnx_weights.h"

#include "kernels/gemm/gemm.h"

namespace narrowcast::ops {
namespace {

PackedDirection pack_direction(const RecurrentSizes& s, CellKind kind, bool linear_before_reset, const float* w,
                               const float* r, const float* b) {
  PackedDirection packed;
  const std::size_t n = s.hidden;
  packed.w = pack_rows(w, s.width(), s.input);
  const std::size_t first = kind == CellKind::gru ? 2 * n : s.width();
  packed.r = pack_rows(r, first, n);
  if (kind == CellKind::gru) packed.r_fresh = pack_rows(r + first * n, n, n);
  if (b == nullptr) return packed;
  packed.bias.assign(b, b + s.width());
  const bool separate = kind == CellKind::gru && linear_before_reset;
  for (std::size_t i = 0; i < (separate ? 2 * n : s.width()); ++i) packed.bias[i] += b[s.width() + i];
  if (separate) packed.fresh_bias.assign(b + s.width() + 2 * n, b + s.width() + 3 * n);
  return packed;
}

}  // namespace

CellKind cell_kind(const RawOp& op) {
  return op.type.ends_with("LSTM") ? CellKind::lstm : op.type == "GRU" ? CellKind::gru : CellKind::rnn;
}

std::vector<float> pack_rows(const float* w, std::size_t rows, std::size_t columns) {
  std::vector<float> panels(kernels::packed_gemm_floats(rows, columns));
  kernels::pack_gemm_f32(w, rows, columns, 1, columns, nullptr, panels.data());
  return panels;
}

PackedCells pack_cells(const RecurrentSizes& s, const RawOp& op, const float* w, const float* r, const float* b) {
  PackedCells cells;
  const bool linear_before_reset = op.int_or("linear_before_reset", 0) != 0;
  for (std::size_t d = 0; d < s.directions; ++d) {
    cells.directions.push_back(pack_direction(s, cell_kind(op), linear_before_reset, w + d * s.width() * s.input,
                                              r + d * s.width() * s.hidden,
                                              b == nullptr ? nullptr : b + d * 2 * s.width()));
  }
  return cells;
}

Result<RecurrentSizes> recurrent_sizes(const RawOp& op, const Tensor& w, const Tensor& r) {
  RecurrentSizes s;
  s.gates = gate_count(cell_kind(op));
  s.directions = op.string_or("direction", "forward") == "bidirectional" ? 2 : 1;
  const bool fits = w.rank() == 3 && r.rank() == 3 && w.dtype == DType::f32 && r.dtype == DType::f32;
  if (fits) {
    s.input = static_cast<std::size_t>(w.shape[2]);
    s.hidden = static_cast<std::size_t>(r.shape[2]);
  }
  const auto width = static_cast<int64_t>(s.width());
  const auto directions = static_cast<int64_t>(s.directions);
  if (!fits || w.shape[1] != width || r.shape[1] != width || w.shape[0] != directions || r.shape[0] != directions ||
      op.int_or("hidden_size", r.shape[2]) != r.shape[2]) {
    return fail(ErrorCode::malformed, op.type + ": weights " + shape_text(w.shape) + " and " + shape_text(r.shape) +
                                          " do not fit each other.");
  }
  return s;
}

}  // namespace narrowcast::ops
