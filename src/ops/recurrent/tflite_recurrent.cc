#include <algorithm>

#include "base/math/sqrt.h"
#include "kernels/epilogue.h"
#include "kernels/gemm/gemm.h"
#include "kernels/lanes/unary.h"
#include "ops/recurrent/activation_list.h"
#include "ops/recurrent/onnx_weights.h"
#include "ops/recurrent/recurrent_eval.h"

namespace narrowcast::ops {
namespace {

constexpr float kNormEpsilon = 1e-8F;

// Rows of every step, and how far apart the steps of one sequence lie.
struct Steps {
  std::size_t batch = 0, time = 0, input = 0;
  bool time_major = false;

  [[nodiscard]] std::size_t row(std::size_t b, std::size_t t) const {
    return time_major ? t * batch + b : b * time + t;
  }
  [[nodiscard]] std::size_t rows() const { return batch * time; }
};

// An input of two axes is one step.
Result<Steps> read_steps(const EvalContext& ctx) {
  const Tensor& x = ctx.operand(0);
  if (x.dtype != DType::f32 || x.rank() < 2 || x.rank() > 3) {
    return fail(ErrorCode::unsupported, ctx.op().type + " of " + std::string(dtype_name(x.dtype)) + " " +
                                            shape_text(x.shape) + " does not run here.");
  }
  Steps steps;
  const auto at = [&](std::size_t axis) { return static_cast<std::size_t>(x.shape[axis]); };
  steps.time_major = ctx.op().int_or("time_major", 0) != 0;
  steps.input = at(x.rank() - 1);
  steps.time = x.rank() == 2 ? 1 : at(steps.time_major ? 0 : 1);
  steps.batch = x.rank() == 2 ? at(0) : at(steps.time_major ? 1 : 0);
  return steps;
}

// A float32 operand of this shape, null where it is absent.
Result<const float*> read_operand(const EvalContext& ctx, std::size_t slot, const Shape& shape) {
  if (!ctx.present(slot)) return nullptr;
  const Tensor& tensor = ctx.operand(slot);
  if (tensor.dtype != DType::f32) {
    return fail(ErrorCode::unsupported,
                ctx.op().type + " by " + std::string(dtype_name(tensor.dtype)) + " does not run here.");
  }
  if (tensor.shape == shape) return tensor.as<float>();
  return fail(ErrorCode::malformed, ctx.op().type + ": operand " + std::to_string(slot) + " is " +
                                        shape_text(tensor.shape) + " where " + shape_text(shape) + " is due.");
}

Result<const float*> require_operand(const EvalContext& ctx, std::size_t slot, const Shape& shape) {
  NC_TRY(const float* const data, read_operand(ctx, slot, shape));
  if (data == nullptr) {
    return fail(ErrorCode::malformed, ctx.op().type + ": operand " + std::to_string(slot) + " is missing.");
  }
  return data;
}

std::vector<float> pack_matrix(const float* w, std::size_t rows, std::size_t columns) {
  return w == nullptr ? std::vector<float>{} : pack_rows(w, rows, columns);
}

// Gates in the order of the operands: input, forget, cell, output.
struct Gate {
  const float* bias = nullptr;
  const float* peephole = nullptr;
  const float* norm = nullptr;
  std::vector<float> from_input;
  std::vector<float> from_output;
};

struct Lstm {
  Steps steps;
  std::size_t units = 0;
  std::size_t outputs = 0;
  Gate gates[4];
  bool coupled = false;  // no input gate: it is 1 - forget
  std::vector<float> projection;
  const float* projection_bias = nullptr;
  CellActivation function;
  float cell_clip = 0;
  float projection_clip = 0;
};

Result<Lstm> read_lstm(const EvalContext& ctx) {
  constexpr std::size_t kPeepholes[] = {9, 10, 0, 11};
  Lstm l;
  NC_TRY(l.steps, read_steps(ctx));
  NC_TRY(l.function, read_tflite_activation(ctx.op()));
  if (!ctx.present(2) || !ctx.present(6) || ctx.operand(2).rank() != 2 || ctx.operand(6).rank() != 2) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the weights of the forget gate are missing.");
  }
  const int64_t units = ctx.operand(2).shape[0];
  const int64_t outputs = ctx.operand(6).shape[1];
  const auto input = static_cast<int64_t>(l.steps.input);
  l.units = static_cast<std::size_t>(units);
  l.outputs = static_cast<std::size_t>(outputs);
  l.coupled = !ctx.present(1);
  for (std::size_t g = l.coupled ? 1 : 0; g < 4; ++g) {
    Gate& gate = l.gates[g];
    NC_TRY(const float* const w, require_operand(ctx, 1 + g, {units, input}));
    NC_TRY(const float* const r, require_operand(ctx, 5 + g, {units, outputs}));
    gate.from_input = pack_rows(w, l.units, l.steps.input);
    gate.from_output = pack_rows(r, l.units, l.outputs);
    if (g != 2) {
      NC_TRY(gate.peephole, read_operand(ctx, kPeepholes[g], {units}));
    }
    NC_TRY(gate.bias, read_operand(ctx, 12 + g, {units}));
    NC_TRY(gate.norm, read_operand(ctx, 20 + g, {units}));
  }
  NC_TRY(const float* const projection, read_operand(ctx, 16, {outputs, units}));
  l.projection = pack_matrix(projection, l.outputs, l.units);
  NC_TRY(l.projection_bias, read_operand(ctx, 17, {outputs}));
  if (projection == nullptr && l.units != l.outputs) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the state does not fit the units.");
  }
  l.cell_clip = ctx.op().float_or("cell_clip", 0);
  l.projection_clip = ctx.op().float_or("proj_clip", 0);
  return l;
}

// (x - mean) / deviation * norm + bias.
void normalize_gate(const Gate& gate, std::size_t n, float* x) {
  float mean = 0;
  float squares = 0;
  for (std::size_t i = 0; i < n; ++i) mean += x[i];
  mean /= static_cast<float>(n);
  for (std::size_t i = 0; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const float scale = 1 / math::sqrt(squares / static_cast<float>(n) + kNormEpsilon);
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = (x[i] - mean) * scale * gate.norm[i];
    if (gate.bias != nullptr) x[i] += gate.bias[i];
  }
}

// Completes the sum of a gate and applies its function. `c` is the cell that the peephole looks at.
void finish_gate(const Gate& gate, const CellActivation& function, std::size_t n, const float* sums, const float* c,
                 float* x) {
  for (std::size_t i = 0; i < n; ++i) {
    x[i] += sums[i];
    if (gate.peephole != nullptr) x[i] += gate.peephole[i] * c[i];
  }
  if (gate.norm != nullptr) normalize_gate(gate, n, x);
  function.apply(x, n);
}

void clip(float limit, float* x, std::size_t n) {
  if (limit > 0) kernels::unary_f32(kernels::UnaryKind::clamp)(x, x, n, {-limit, limit});
}

// One step of one sequence. `gates` and `sums`: [4][units] of what the input and the last output add.
void step_lstm_row(const Lstm& l, float* const gates[4], const float* const sums[4], float* c, float* h) {
  const CellActivation sigmoid{{{kernels::UnaryKind::sigmoid, {}}}};
  const std::size_t n = l.units;
  finish_gate(l.gates[1], sigmoid, n, sums[1], c, gates[1]);
  if (l.coupled) {
    for (std::size_t i = 0; i < n; ++i) gates[0][i] = 1 - gates[1][i];
  } else {
    finish_gate(l.gates[0], sigmoid, n, sums[0], c, gates[0]);
  }
  finish_gate(l.gates[2], l.function, n, sums[2], c, gates[2]);
  for (std::size_t i = 0; i < n; ++i) c[i] = gates[1][i] * c[i] + gates[0][i] * gates[2][i];
  clip(l.cell_clip, c, n);
  finish_gate(l.gates[3], sigmoid, n, sums[3], c, gates[3]);
  std::copy_n(c, n, h);
  l.function.apply(h, n);
  for (std::size_t i = 0; i < n; ++i) h[i] *= gates[3][i];
}

Result<float*> zeros(EvalContext& ctx, std::size_t count) {
  NC_TRY(uint8_t* const bytes, ctx.scratch(count * sizeof(float)));
  std::fill_n(bytes, count * sizeof(float), uint8_t{0});
  return reinterpret_cast<float*>(bytes);
}

}  // namespace

Status eval_sequence_lstm(EvalContext& ctx) {
  NC_TRY(const Lstm l, read_lstm(ctx));
  const Steps& s = l.steps;
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->count() != s.rows() * l.outputs)
    return fail(ErrorCode::malformed, ctx.op().type + ": the result does not fit.");
  float* gates[4] = {};
  float* sums[4] = {};
  for (std::size_t g = 0; g < 4; ++g) {
    NC_TRY(gates[g], zeros(ctx, s.rows() * l.units));
    NC_TRY(sums[g], zeros(ctx, s.batch * l.units));
    if (g == 0 && l.coupled) continue;
    kernels::gemm_f32(s.rows(), l.units, s.input, ctx.data<float>(0), s.input, l.gates[g].from_input.data(),
                      l.gates[g].norm == nullptr ? l.gates[g].bias : nullptr, gates[g], l.units, {});
  }
  NC_TRY(float* const c, zeros(ctx, s.batch * l.units));
  NC_TRY(float* const hidden, zeros(ctx, s.batch * l.units));
  NC_TRY(float* const out, zeros(ctx, s.batch * l.outputs));
  for (std::size_t t = 0; t < s.time; ++t) {
    for (std::size_t g = l.coupled ? 1 : 0; g < 4; ++g) {
      kernels::gemm_f32(s.batch, l.units, l.outputs, out, l.outputs, l.gates[g].from_output.data(), nullptr, sums[g],
                        l.units, {});
    }
    for (std::size_t b = 0; b < s.batch; ++b) {
      float* row[4];
      const float* sum[4];
      for (std::size_t g = 0; g < 4; ++g) {
        row[g] = gates[g] + s.row(b, t) * l.units;
        sum[g] = sums[g] + b * l.units;
      }
      step_lstm_row(l, row, sum, c + b * l.units, hidden + b * l.units);
    }
    if (l.projection.empty()) {
      std::copy_n(hidden, s.batch * l.units, out);
    } else {
      kernels::gemm_f32(s.batch, l.outputs, l.units, hidden, l.units, l.projection.data(), l.projection_bias, out,
                        l.outputs, {});
      clip(l.projection_clip, out, s.batch * l.outputs);
    }
    for (std::size_t b = 0; b < s.batch; ++b) {
      std::copy_n(out + b * l.outputs, l.outputs, y->writable<float>() + s.row(b, t) * l.outputs);
    }
  }
  return {};
}

Status eval_tflite_rnn(EvalContext& ctx) {
  NC_TRY(const Steps s, read_steps(ctx));
  NC_TRY(const CellActivation function, read_tflite_activation(ctx.op()));
  if (!ctx.present(1) || ctx.operand(1).rank() != 2) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the weights are missing.");
  }
  const int64_t units = ctx.operand(1).shape[0];
  const auto n = static_cast<std::size_t>(units);
  NC_TRY(const float* const w, require_operand(ctx, 1, {units, static_cast<int64_t>(s.input)}));
  NC_TRY(const float* const r, require_operand(ctx, 2, {units, units}));
  NC_TRY(const float* const bias, read_operand(ctx, 3, {units}));
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->count() != s.rows() * n) return fail(ErrorCode::malformed, ctx.op().type + ": the result does not fit.");
  auto* const to = y->writable<float>();
  kernels::gemm_f32(s.rows(), n, s.input, ctx.data<float>(0), s.input, pack_rows(w, n, s.input).data(), bias, to, n,
                    {});
  const std::vector<float> recurrent = pack_rows(r, n, n);
  NC_TRY(float* const h, zeros(ctx, s.batch * n));
  NC_TRY(float* const sums, zeros(ctx, s.batch * n));
  for (std::size_t t = 0; t < s.time; ++t) {
    kernels::gemm_f32(s.batch, n, n, h, n, recurrent.data(), nullptr, sums, n, {});
    for (std::size_t b = 0; b < s.batch; ++b) {
      float* row = to + s.row(b, t) * n;
      for (std::size_t i = 0; i < n; ++i) row[i] += sums[b * n + i];
      function.apply(row, n);
      std::copy_n(row, n, h + b * n);
    }
  }
  return {};
}

// Of the memory only the newest column is not zero: y = f(bias + sum over ranks of (feature . x) * last time weight).
Status eval_svdf(EvalContext& ctx) {
  const RawOp& op = ctx.op();
  NC_TRY(const Steps s, read_steps(ctx));
  NC_TRY(const CellActivation function, read_tflite_activation(op));
  const int64_t rank = op.int_or("rank", 0);
  if (!ctx.present(1) || !ctx.present(2) || ctx.operand(1).rank() != 2 || ctx.operand(2).rank() != 2 || s.time != 1 ||
      rank <= 0 || ctx.operand(1).shape[0] % rank != 0 || ctx.operand(2).shape[1] <= 0) {
    return fail(ErrorCode::malformed, op.type + ": the weights do not fit each other.");
  }
  const int64_t filters = ctx.operand(1).shape[0];
  const auto memory = static_cast<std::size_t>(ctx.operand(2).shape[1]);
  const auto f = static_cast<std::size_t>(filters);
  const auto ranks = static_cast<std::size_t>(rank);
  const std::size_t units = f / ranks;
  NC_TRY(const float* const feature, require_operand(ctx, 1, {filters, static_cast<int64_t>(s.input)}));
  NC_TRY(const float* const time, require_operand(ctx, 2, {filters, static_cast<int64_t>(memory)}));
  NC_TRY(const float* const bias, read_operand(ctx, 3, {static_cast<int64_t>(units)}));
  NC_TRY(Tensor* const y, ctx.make(0));
  if (y->count() != s.batch * units) return fail(ErrorCode::malformed, op.type + ": the result does not fit.");
  NC_TRY(float* const sums, zeros(ctx, s.batch * f));
  kernels::gemm_f32(s.batch, f, s.input, ctx.data<float>(0), s.input, pack_rows(feature, f, s.input).data(), nullptr,
                    sums, f, {});
  auto* const to = y->writable<float>();
  for (std::size_t i = 0; i < s.batch * units; ++i) {
    const std::size_t unit = i % units;
    float sum = bias == nullptr ? 0 : bias[unit];
    for (std::size_t k = 0; k < ranks; ++k) {
      const std::size_t filter = unit * ranks + k;
      sum += sums[i / units * f + filter] * time[filter * memory + memory - 1];
    }
    to[i] = sum;
  }
  function.apply(to, s.batch * units);
  return {};
}

}  // namespace narrowcast::ops
