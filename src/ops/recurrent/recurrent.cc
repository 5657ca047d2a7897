#include "ops/recurrent/recurrent_eval.h"
#include "ops/recurrent/recurrent_shape.h"

namespace narrowcast::ops {
namespace {

constexpr OperandRule kData{Role::data, {}};
constexpr OperandRule kPlain{Role::plain, {}};
constexpr OperandRule kBias{Role::bias, {}};
// ONNX: W [directions, gates * hidden, input] and R alike: one scale a row of a gate, shared by both directions.
constexpr OperandRule kGates{Role::weight, {1, 2, 3}};
// TFLite: one matrix a gate, [units, input].
constexpr OperandRule kRows{Role::weight, {0, 1, 2}};

// X, W, R, B, lengths, initial states, peepholes.
Rule onnx_rule(const RuleQuery&) { return {{kData, kGates, kGates, kBias, kPlain, kData, kData, kData}}; }

// Slots [begin, end) of a long operand list.
void assign(Rule& rule, std::size_t begin, std::size_t end, const OperandRule& role) {
  if (rule.operands.size() < end) rule.operands.resize(end);
  for (std::size_t i = begin; i < end; ++i) rule.operands[i] = role;
}

// Input, four input weights, four recurrent ones, three peepholes, four biases, projection, its bias, states and
// four layer norms.
Rule lstm_rule(const RuleQuery&) {
  Rule rule;
  assign(rule, 0, 24, kData);
  assign(rule, 1, 9, kRows);
  assign(rule, 12, 16, kBias);
  assign(rule, 16, 17, kRows);
  assign(rule, 17, 18, kBias);
  return rule;
}

// The forward and the backward half in a row, then states and the auxiliary input with its weights.
Rule bidirectional_lstm_rule(const RuleQuery&) {
  Rule rule;
  assign(rule, 0, 48, kData);
  for (const std::size_t half : {std::size_t{0}, std::size_t{17}}) {
    assign(rule, half + 1, half + 9, kRows);
    assign(rule, half + 12, half + 16, kBias);
    assign(rule, half + 16, half + 17, kRows);
    assign(rule, half + 17, half + 18, kBias);
  }
  assign(rule, 40, 48, kRows);
  return rule;
}

// Input, input weights, recurrent weights, bias, state.
Rule rnn_rule(const RuleQuery&) { return {{kData, kRows, kRows, kBias, kData}}; }

// Input, two halves of input weights, recurrent weights, bias and state, then the auxiliary input with its weights.
Rule bidirectional_rnn_rule(const RuleQuery&) {
  return {{kData, kRows, kRows, kBias, kData, kRows, kRows, kBias, kData, kData, kRows, kRows}};
}

// Input, weights over features, weights over time, bias, state.
Rule svdf_rule(const RuleQuery&) { return {{kData, kRows, kRows, kBias, kData}}; }

constexpr OpDef onnx(std::string_view type) {
  return {.domain = "",
          .type = type,
          .first_version = 1,
          .last_version = 22,
          .infer = infer_recurrent,
          .rule = onnx_rule,
          .eval = eval_onnx_recurrent,
          .prepare = prepare_onnx_recurrent};
}
constexpr OpDef tflite(std::string_view type, int last, Status (*infer)(InferContext&), Rule (*rule)(const RuleQuery&),
                       Status (*eval)(EvalContext&) = nullptr) {
  return {.domain = kTfliteDomain,
          .type = type,
          .first_version = 1,
          .last_version = last,
          .infer = infer,
          .rule = rule,
          .eval = eval};
}

constexpr OpDef kOps[] = {
    onnx("GRU"),
    onnx("LSTM"),
    onnx("RNN"),
    tflite("BIDIRECTIONAL_SEQUENCE_LSTM", 3, infer_nothing, bidirectional_lstm_rule),
    tflite("BIDIRECTIONAL_SEQUENCE_RNN", 3, infer_nothing, bidirectional_rnn_rule),
    tflite("LSTM", 5, infer_nothing, lstm_rule),
    tflite("RNN", 3, infer_rnn, rnn_rule, eval_tflite_rnn),
    tflite("SVDF", 4, infer_svdf, svdf_rule, eval_svdf),
    tflite("UNIDIRECTIONAL_SEQUENCE_LSTM", 4, infer_sequence_lstm, lstm_rule, eval_sequence_lstm),
    tflite("UNIDIRECTIONAL_SEQUENCE_RNN", 3, infer_rnn, rnn_rule, eval_tflite_rnn),
};

}  // namespace

OpFamily recurrent_family() { return {"recurrent", "Layers with a state: LSTM, GRU, RNN, SVDF.", kOps}; }

}  // namespace narrowcast::ops
