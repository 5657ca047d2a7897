#include <algorithm>
#include <array>

#include "kernels/dequantize/dequantize.h"
#include "kernels/gemm/gemm.h"
#include "kernels/quantize/quantize.h"
#include "ops/box.h"
#include "ops/quantize/code_scales.h"
#include "ops/recurrent/onnx_weights.h"
#include "ops/recurrent/recurrent_eval.h"

namespace narrowcast::ops {
namespace {

using Sizes = RecurrentSizes;

Status check_operand(const EvalContext& ctx, std::size_t slot, const Shape& shape) {
  if (!ctx.present(slot)) return {};
  const Tensor& tensor = ctx.operand(slot);
  if (tensor.shape == shape && (tensor.dtype == DType::f32 || slot == kLengths)) return {};
  return fail(ErrorCode::malformed, ctx.op().type + ": operand " + std::to_string(slot) + " is " +
                                        shape_text(tensor.shape) + " where " + shape_text(shape) + " is due.");
}

// Sizes of the run, all operands checked against them.
Result<Sizes> read_sizes(const EvalContext& ctx, const Tensor& w, const Tensor& r) {
  const RawOp& op = ctx.op();
  const Tensor& x = ctx.operand(kX);
  NC_TRY(Sizes s, recurrent_sizes(op, w, r));
  const bool batch_first = op.int_or("layout", 0) != 0;
  if (x.rank() != 3 || x.dtype != DType::f32 || x.shape[2] != static_cast<int64_t>(s.input)) {
    return fail(ErrorCode::malformed, op.type + ": an input of " + shape_text(x.shape) + " does not fit the weights.");
  }
  s.sequence = static_cast<std::size_t>(x.shape[batch_first ? 1 : 0]);
  s.batch = static_cast<std::size_t>(x.shape[batch_first ? 0 : 1]);
  const auto d = static_cast<int64_t>(s.directions);
  const auto h = static_cast<int64_t>(s.hidden);
  const auto b = static_cast<int64_t>(s.batch);
  NC_CHECK(check_operand(ctx, kB, {d, 2 * static_cast<int64_t>(s.width())}));
  NC_CHECK(check_operand(ctx, kLengths, {b}));
  NC_CHECK(check_operand(ctx, kInitialH, batch_first ? Shape{b, d, h} : Shape{d, b, h}));
  NC_CHECK(check_operand(ctx, kInitialC, batch_first ? Shape{b, d, h} : Shape{d, b, h}));
  NC_CHECK(check_operand(ctx, kPeepholes, {d, 3 * h}));
  return s;
}

// Steps of each sequence. Errors: malformed.
Result<std::vector<std::size_t>> read_lengths(const EvalContext& ctx, const Sizes& s) {
  std::vector<std::size_t> lengths(s.batch, s.sequence);
  const std::vector<int64_t> stated = ctx.ints(kLengths);
  for (std::size_t i = 0; i < stated.size(); ++i) {
    if (stated[i] < 0 || stated[i] > static_cast<int64_t>(s.sequence)) {
      return fail(ErrorCode::malformed, ctx.op().type + ": a sequence has no " + std::to_string(stated[i]) + " steps.");
    }
    lengths[i] = static_cast<std::size_t>(stated[i]);
  }
  return lengths;
}

// Elements at which the parts of a result start.
struct ResultStrides {
  std::size_t time = 0, direction = 0, batch = 0;
};

class Run {
 public:
  Run(EvalContext& ctx, const Sizes& sizes, CellRules rules, std::vector<std::size_t> lengths, bool is_dynamic)
      : ctx_(ctx), s_(sizes), rules_(rules), lengths_(std::move(lengths)), is_dynamic_(is_dynamic) {
    batch_first_ = ctx.op().int_or("layout", 0) != 0;
  }

  Status reserve();
  void direction(std::size_t d, bool reverse, const PackedDirection& packed, const CellActivation* functions);

 private:
  Result<float*> floats(std::size_t count) {
    NC_TRY(uint8_t* const bytes, ctx_.scratch(count * sizeof(float)));
    std::fill_n(bytes, count * sizeof(float), uint8_t{0});
    return reinterpret_cast<float*>(bytes);
  }
  [[nodiscard]] ResultStrides of_y() const {
    const std::size_t h = s_.hidden;
    return batch_first_ ? ResultStrides{s_.directions * h, h, s_.sequence * s_.directions * h}
                        : ResultStrides{s_.directions * s_.batch * h, s_.batch * h, h};
  }
  [[nodiscard]] ResultStrides of_state() const {
    return batch_first_ ? ResultStrides{0, s_.hidden, s_.directions * s_.hidden}
                        : ResultStrides{0, s_.batch * s_.hidden, s_.hidden};
  }
  void load_state(std::size_t slot, std::size_t d, float* state) const;
  void store_state(float* to, std::size_t d, const float* state) const;
  void step(std::size_t t, bool reverse, const PackedDirection& packed);
  void finish_gru(std::size_t t, bool reverse, const PackedDirection& packed);
  void write_y(std::size_t t, bool reverse, std::size_t d) const;
  [[nodiscard]] float* gates_of(std::size_t b, std::size_t time) const {
    return gates_ + (time * s_.batch + b) * s_.width();
  }
  [[nodiscard]] std::size_t time_of(std::size_t b, std::size_t t, bool reverse) const {
    return reverse ? lengths_[b] - 1 - t : t;
  }

  EvalContext& ctx_;
  Sizes s_;
  CellRules rules_;
  std::vector<std::size_t> lengths_;
  bool is_dynamic_ = false;  // what weights are multiplied with goes through uint8
  bool batch_first_ = false;
  const float* x_ = nullptr;      // [sequence, batch, input]
  float* y_ = nullptr;            // or not wanted
  std::array<float*, 2> last_{};  // Y_h and Y_c, or not wanted
  float* gates_ = nullptr;        // [sequence, batch, width]
  float* sums_ = nullptr;         // [batch, width]: what the state adds to a step
  float* h_ = nullptr;            // [batch, hidden]
  float* c_ = nullptr;
  float* reset_ = nullptr;
  float* coded_h_ = nullptr;  // is_dynamic: what the codes of h stand for
};

// What remains of x once it was quantized to uint8 as it came.
void through_codes(const float* x, std::size_t n, float* out) {
  const CodeScales s = dynamic_scales(x, n);
  constexpr std::size_t kChunk = 256;
  std::array<uint8_t, kChunk> codes;
  for (std::size_t i = 0; i < n; i += kChunk) {
    const std::size_t count = std::min(kChunk, n - i);
    kernels::quantize_f32_u8(x + i, count, s.scales[0], s.zero_points[0], {kernels::kU8}, codes.data());
    kernels::dequantize_u8_f32(codes.data(), count, s.scales[0], s.zero_points[0], out + i);
  }
}

Status Run::reserve() {
  x_ = ctx_.data<float>(kX);
  if (batch_first_) {
    NC_TRY(float* const turned, floats(s_.sequence * s_.batch * s_.input));
    const auto row = static_cast<int64_t>(s_.input);
    copy_box(sizeof(float),
             {{s_.sequence, row, static_cast<int64_t>(s_.batch) * row},
              {s_.batch, static_cast<int64_t>(s_.sequence) * row, row},
              {s_.input, 1, 1}},
             ctx_.operand(kX).data, reinterpret_cast<uint8_t*>(turned));
    x_ = turned;
  }
  if (ctx_.wanted(0)) {
    NC_TRY(Tensor* const y, ctx_.make(0));
    y_ = y->writable<float>();
    std::fill_n(y_, y->count(), 0.0F);
  }
  NC_TRY(gates_, floats(s_.sequence * s_.batch * s_.width()));
  NC_TRY(sums_, floats(s_.batch * s_.width()));
  NC_TRY(h_, floats(s_.batch * s_.hidden));
  NC_TRY(c_, floats(s_.batch * s_.hidden));
  NC_TRY(reset_, floats(s_.batch * s_.hidden));
  if (is_dynamic_) {
    NC_TRY(coded_h_, floats(s_.batch * s_.hidden));
    NC_TRY(float* const coded, floats(s_.sequence * s_.batch * s_.input));
    through_codes(x_, s_.sequence * s_.batch * s_.input, coded);
    x_ = coded;
  }
  for (const std::size_t slot : {std::size_t{1}, std::size_t{2}}) {
    if (!ctx_.wanted(slot)) continue;
    NC_TRY(Tensor* const state, ctx_.make(slot));
    last_[slot - 1] = state->writable<float>();
  }
  return {};
}

void Run::load_state(std::size_t slot, std::size_t d, float* state) const {
  const float* from = ctx_.data<float>(slot);
  const ResultStrides strides = of_state();
  for (std::size_t b = 0; b < s_.batch; ++b) {
    for (std::size_t i = 0; i < s_.hidden; ++i) {
      const bool starts = from != nullptr && lengths_[b] > 0;
      state[b * s_.hidden + i] = starts ? from[d * strides.direction + b * strides.batch + i] : 0;
    }
  }
}

void Run::store_state(float* to, std::size_t d, const float* state) const {
  if (to == nullptr) return;
  const ResultStrides strides = of_state();
  for (std::size_t b = 0; b < s_.batch; ++b) {
    std::copy_n(state + b * s_.hidden, s_.hidden, to + d * strides.direction + b * strides.batch);
  }
}

// The third sum of a GRU: of the reset state, or reset itself.
void Run::finish_gru(std::size_t t, bool reverse, const PackedDirection& packed) {
  const std::size_t n = s_.hidden;
  const bool linear = rules_.linear_before_reset;
  for (std::size_t b = 0; b < s_.batch; ++b) {
    if (t < lengths_[b]) reset_gru(rules_, gates_of(b, time_of(b, t, reverse)), h_ + b * n, reset_ + b * n);
  }
  const float* bias = packed.fresh_bias.empty() ? nullptr : packed.fresh_bias.data();
  kernels::gemm_f32(s_.batch, n, n, linear ? h_ : reset_, n, packed.r_fresh.data(), bias, sums_, n, {});
  for (std::size_t b = 0; b < s_.batch; ++b) {
    if (t >= lengths_[b]) continue;
    float* const gates = gates_of(b, time_of(b, t, reverse));
    const float* sum = sums_ + b * n;
    for (std::size_t i = 0; i < n; ++i) gates[2 * n + i] += linear ? gates[n + i] * sum[i] : sum[i];
    step_gru(rules_, gates, h_ + b * n);
  }
}

void Run::step(std::size_t t, bool reverse, const PackedDirection& packed) {
  const std::size_t n = s_.hidden;
  const std::size_t width = rules_.kind == CellKind::gru ? 2 * n : s_.width();
  if (is_dynamic_) through_codes(h_, s_.batch * n, coded_h_);
  const float* h = is_dynamic_ ? coded_h_ : h_;
  kernels::gemm_f32(s_.batch, width, n, h, n, packed.r.data(), nullptr, sums_, width, {});
  for (std::size_t b = 0; b < s_.batch; ++b) {
    if (t >= lengths_[b]) continue;
    float* const gates = gates_of(b, time_of(b, t, reverse));
    for (std::size_t i = 0; i < width; ++i) gates[i] += sums_[b * width + i];
    if (rules_.kind == CellKind::rnn) step_rnn(rules_, gates, h_ + b * n);
    if (rules_.kind == CellKind::lstm) step_lstm(rules_, gates, c_ + b * n, h_ + b * n);
  }
  if (rules_.kind == CellKind::gru) finish_gru(t, reverse, packed);
}

void Run::write_y(std::size_t t, bool reverse, std::size_t d) const {
  if (y_ == nullptr) return;
  const ResultStrides strides = of_y();
  for (std::size_t b = 0; b < s_.batch; ++b) {
    if (t >= lengths_[b]) continue;
    std::copy_n(h_ + b * s_.hidden, s_.hidden,
                y_ + time_of(b, t, reverse) * strides.time + d * strides.direction + b * strides.batch);
  }
}

void Run::direction(std::size_t d, bool reverse, const PackedDirection& packed, const CellActivation* functions) {
  rules_.functions = functions;
  load_state(kInitialH, d, h_);
  load_state(kInitialC, d, c_);
  const float* peepholes = ctx_.data<float>(kPeepholes);
  rules_.peepholes = peepholes == nullptr ? nullptr : peepholes + d * 3 * s_.hidden;
  const std::size_t rows = s_.sequence * s_.batch;
  kernels::gemm_f32(rows, s_.width(), s_.input, x_, s_.input, packed.w.data(),
                    packed.bias.empty() ? nullptr : packed.bias.data(), gates_, s_.width(), {});
  const std::size_t steps = lengths_.empty() ? 0 : *std::ranges::max_element(lengths_);
  for (std::size_t t = 0; t < steps; ++t) {
    step(t, reverse, packed);
    write_y(t, reverse, d);
  }
  store_state(last_[0], d, h_);
  store_state(last_[1], d, c_);
}

constexpr std::string_view kLstmFunctions[] = {"Sigmoid", "Tanh", "Tanh"};
constexpr std::string_view kGruFunctions[] = {"Sigmoid", "Tanh"};
constexpr std::string_view kRnnFunctions[] = {"Tanh"};

std::span<const std::string_view> default_functions(CellKind kind) {
  if (kind == CellKind::lstm) return kLstmFunctions;
  if (kind == CellKind::gru) return kGruFunctions;
  return kRnnFunctions;
}

}  // namespace

Result<std::unique_ptr<Prepared>> prepare_onnx_recurrent(const PrepareContext& ctx) {
  const Tensor* w = ctx.floats(kW);
  const Tensor* r = ctx.floats(kR);
  const Tensor* b = ctx.floats(kB);
  if (w == nullptr || r == nullptr || (ctx.present(kB) && b == nullptr)) return nullptr;
  NC_TRY(const Sizes s, recurrent_sizes(ctx.op, *w, *r));
  if (b != nullptr && b->count() != s.directions * 2 * s.width()) return nullptr;
  return std::make_unique<PackedCells>(
      pack_cells(s, ctx.op, w->as<float>(), r->as<float>(), b == nullptr ? nullptr : b->as<float>()));
}

namespace {

Status run_layer(EvalContext& ctx, const Sizes& s, const PackedCells& packed, bool is_dynamic) {
  const RawOp& op = ctx.op();
  NC_TRY(std::vector<std::size_t> lengths, read_lengths(ctx, s));
  const CellRules rules{.kind = cell_kind(op),
                        .hidden = s.hidden,
                        .clip = op.float_or("clip", 0),
                        .input_forget = op.int_or("input_forget", 0) != 0,
                        .linear_before_reset = op.int_or("linear_before_reset", 0) != 0};
  const std::span<const std::string_view> defaults = default_functions(rules.kind);
  NC_TRY(const std::vector<CellActivation> functions, read_activations(op, defaults, s.directions));
  const bool reverse = op.string_or("direction", "forward") == "reverse";
  Run run(ctx, s, rules, std::move(lengths), is_dynamic);
  NC_CHECK(run.reserve());
  for (std::size_t d = 0; d < s.directions; ++d) {
    run.direction(d, reverse || d == 1, packed.directions[d], functions.data() + d * defaults.size());
  }
  return {};
}

// W or R of DynamicQuantizeLSTM, [directions, columns, rows of gates], as the LSTM has it: [directions, rows, columns].
Result<Tensor> widened_gates(EvalContext& ctx, std::size_t slot, std::size_t scale_slot) {
  const Tensor& codes = ctx.operand(slot);
  const Tensor& scales = ctx.operand(scale_slot);
  const bool fits = codes.rank() == 3 && (codes.dtype == DType::i8 || codes.dtype == DType::u8) &&
                    scales.dtype == DType::f32 && ctx.operand(scale_slot + 1).dtype == codes.dtype &&
                    ctx.operand(scale_slot + 1).shape == scales.shape;
  const auto directions = fits ? static_cast<std::size_t>(codes.shape[0]) : 0;
  const auto columns = fits ? static_cast<std::size_t>(codes.shape[1]) : 0;
  const auto rows = fits ? static_cast<std::size_t>(codes.shape[2]) : 0;
  const bool by_row = scales.count() == directions * rows;
  if (!fits || (!by_row && scales.count() != directions)) {
    return fail(ErrorCode::malformed, ctx.op().type + ": codes, scales and zero points do not fit each other.");
  }
  NC_TRY(uint8_t* const bytes, ctx.scratch(codes.count() * sizeof(float)));
  auto* const out = reinterpret_cast<float*>(bytes);
  const Tensor& zeros = ctx.operand(scale_slot + 1);
  const auto at = [](const Tensor& t, std::size_t i) {
    return t.dtype == DType::i8 ? int32_t{t.as<int8_t>()[i]} : int32_t{t.as<uint8_t>()[i]};
  };
  for (std::size_t d = 0; d < directions; ++d) {
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t parameter = by_row ? d * rows + r : d;
      const float scale = scales.as<float>()[parameter];
      const int32_t zero = at(zeros, parameter);
      for (std::size_t c = 0; c < columns; ++c) {
        out[(d * rows + r) * columns + c] = scale * static_cast<float>(at(codes, (d * columns + c) * rows + r) - zero);
      }
    }
  }
  return Tensor{DType::f32, Layout::plain, {codes.shape[0], codes.shape[2], codes.shape[1]}, {}, bytes};
}

}  // namespace

Status eval_onnx_recurrent(EvalContext& ctx) {
  NC_TRY(const Sizes s, read_sizes(ctx, ctx.operand(kW), ctx.operand(kR)));
  const auto* packed = ctx.prepared<PackedCells>();
  if (packed != nullptr) return run_layer(ctx, s, *packed, false);
  return run_layer(ctx, s, pack_cells(s, ctx.op(), ctx.data<float>(kW), ctx.data<float>(kR), ctx.data<float>(kB)),
                   false);
}

Status eval_dynamic_lstm(EvalContext& ctx) {
  for (const std::size_t slot : {std::size_t{kW}, std::size_t{kR}, std::size_t{kWScale}, std::size_t{kWZeroPoint},
                                 std::size_t{kRScale}, std::size_t{kRZeroPoint}}) {
    if (!ctx.present(slot)) {
      return fail(ErrorCode::malformed, ctx.op().type + ": operand " + std::to_string(slot) + " is missing.");
    }
  }
  NC_TRY(const Tensor w, widened_gates(ctx, kW, kWScale));
  NC_TRY(const Tensor r, widened_gates(ctx, kR, kRScale));
  NC_TRY(const Sizes s, read_sizes(ctx, w, r));
  return run_layer(ctx, s, pack_cells(s, ctx.op(), w.as<float>(), r.as<float>(), ctx.data<float>(kB)), true);
}

}  // namespace narrowcast::ops
