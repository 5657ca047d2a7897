#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// ONNX's LSTM, GRU and RNN. Past a sequence's length the result is 0; of a sequence of no length, the states too
// (as onnxruntime has it).
Result<std::unique_ptr<Prepared>> prepare_onnx_recurrent(const PrepareContext& ctx);
Status eval_onnx_recurrent(EvalContext& ctx);

// com.microsoft's LSTM with weights of 8 bits, per tensor or per row of a gate: what the weights are multiplied with is
// quantized as it comes, the input as a whole and the state at every step.
Status eval_dynamic_lstm(EvalContext& ctx);

// TFLite. States are what a fresh interpreter has: zeros.
Status eval_sequence_lstm(EvalContext& ctx);
// RNN and UNIDIRECTIONAL_SEQUENCE_RNN.
Status eval_tflite_rnn(EvalContext& ctx);
Status eval_svdf(EvalContext& ctx);

}  // namespace narrowcast::ops
