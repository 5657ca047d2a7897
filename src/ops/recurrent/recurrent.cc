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
constexpr OperandRule kRows{Role::weight, {0, 1, 2}, Hybrid::per_tensor};
// The kernels take these as codes whenever the matrices are.
constexpr OperandRule kPeephole{Role::weight, {0, 0, 1}, Hybrid::per_tensor};

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
  Rule rule{.hybrid_together = true, .says_asymmetric = true};
  assign(rule, 0, 24, kData);
  assign(rule, 1, 9, kRows);
  assign(rule, 9, 12, kPeephole);
  assign(rule, 12, 16, kBias);
  assign(rule, 16, 17, kRows);
  assign(rule, 17, 18, kBias);
  return rule;
}

// The forward and the backward half in a row, then states and the auxiliary input with its weights.
Rule bidirectional_lstm_rule(const RuleQuery&) {
  Rule rule{.hybrid_together = true, .says_asymmetric = true};
  assign(rule, 0, 48, kData);
  for (const std::size_t half : {std::size_t{0}, std::size_t{17}}) {
    assign(rule, half + 1, half + 9, kRows);
    assign(rule, half + 9, half + 12, kPeephole);
    assign(rule, half + 12, half + 16, kBias);
    assign(rule, half + 16, half + 17, kRows);
    assign(rule, half + 17, half + 18, kBias);
  }
  assign(rule, 40, 48, kRows);
  return rule;
}

// Input, input weights, recurrent weights, bias, state.
Rule rnn_rule(const RuleQuery&) {
  return {.operands = {kData, kRows, kRows, kBias, kData}, .hybrid_together = true, .says_asymmetric = true};
}

// Input, two halves of input weights, recurrent weights, bias and state, then the auxiliary input with its weights.
Rule bidirectional_rnn_rule(const RuleQuery&) {
  return {.operands = {kData, kRows, kRows, kBias, kData, kRows, kRows, kBias, kData, kData, kRows, kRows},
          .hybrid_together = true,
          .says_asymmetric = true};
}

// Input, weights over features, weights over time, bias, state.
Rule svdf_rule(const RuleQuery&) {
  return {.operands = {kData, kRows, kRows, kBias, kData}, .hybrid_together = true, .says_asymmetric = true};
}

// Versions 1 in float32, then with codes of weights beside float32 data, quantized symmetrically and as it comes.
template <int symmetric, int asymmetric>
int hybrid_version(const VersionQuery& query) {
  constexpr std::size_t kWeights = 2;  // the first that no form of these ops leaves out
  if (query.is_hybrid(kWeights)) return query.op.int_or(kAsymmetricInputs, 0) != 0 ? asymmetric : symmetric;
  return query.op.version;
}

// A full kernel alone takes codes.
int lstm_version(const VersionQuery& query) {
  return query.op.int_or("kernel_type", 0) == 0 ? hybrid_version<3, 4>(query) : query.op.version;
}

constexpr std::string_view kSequenceRuntimes[] = {"1.14.0", "1.14.0", "2.3.0"};
constexpr std::string_view kLstmRuntimes[] = {"1.7.0", "1.10.0", "1.14.0", "2.3.0"};
constexpr std::string_view kBidirectionalLstmRuntimes[] = {"1.14.0", "1.14.0", "1.14.0"};
constexpr std::string_view kRnnRuntimes[] = {"1.5.0", "1.14.0", "2.3.0"};
constexpr std::string_view kSvdfRuntimes[] = {"1.5.0", "1.14.0", "2.2.0", "2.3.0"};
constexpr std::string_view kSequenceLstmRuntimes[] = {"1.13.1", "1.14.0", "2.3.0", "2.12.0"};

template <const auto& since>
std::string_view runtime(int version) {
  return runtime_since(since, version);
}

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
constexpr OpDef kDynamicLstm{.domain = kMicrosoftDomain,
                             .type = "DynamicQuantizeLSTM",
                             .first_version = 1,
                             .last_version = 1,
                             .infer = infer_recurrent,
                             .eval = eval_dynamic_lstm};
constexpr OpDef tflite(std::string_view type, int last, Status (*infer)(InferContext&), Rule (*rule)(const RuleQuery&),
                       int (*version)(const VersionQuery&), std::string_view (*since)(int),
                       Status (*eval)(EvalContext&) = nullptr) {
  return {.domain = kTfliteDomain,
          .type = type,
          .first_version = 1,
          .last_version = last,
          .infer = infer,
          .rule = rule,
          .tflite_version = version,
          .tflite_runtime = since,
          .eval = eval};
}

constexpr OpDef kOps[] = {
    onnx("GRU"),
    onnx("LSTM"),
    onnx("RNN"),
    kDynamicLstm,
    tflite("BIDIRECTIONAL_SEQUENCE_LSTM", 3, infer_nothing, bidirectional_lstm_rule, hybrid_version<2, 3>,
           runtime<kBidirectionalLstmRuntimes>),
    tflite("BIDIRECTIONAL_SEQUENCE_RNN", 3, infer_nothing, bidirectional_rnn_rule, hybrid_version<2, 3>,
           runtime<kSequenceRuntimes>),
    tflite("LSTM", 5, infer_nothing, lstm_rule, lstm_version, runtime<kLstmRuntimes>),
    tflite("RNN", 3, infer_rnn, rnn_rule, hybrid_version<2, 3>, runtime<kRnnRuntimes>, eval_tflite_rnn),
    tflite("SVDF", 4, infer_svdf, svdf_rule, hybrid_version<2, 4>, runtime<kSvdfRuntimes>, eval_svdf),
    tflite("UNIDIRECTIONAL_SEQUENCE_LSTM", 4, infer_sequence_lstm, lstm_rule, hybrid_version<2, 3>,
           runtime<kSequenceLstmRuntimes>, eval_sequence_lstm),
    tflite("UNIDIRECTIONAL_SEQUENCE_RNN", 3, infer_rnn, rnn_rule, hybrid_version<2, 3>, runtime<kSequenceRuntimes>,
           eval_tflite_rnn),
};

}  // namespace

OpFamily recurrent_family() { return {"recurrent", "Layers with a state: LSTM, GRU, RNN, SVDF.", kOps}; }

}  // namespace narrowcast::ops
