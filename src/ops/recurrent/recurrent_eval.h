#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// ONNX's LSTM, GRU and RNN. Past a sequence's length the result is 0; of a sequence of no length, the states too
// (as onnxruntime has it).
Result<std::unique_ptr<Prepared>> prepare_onnx_recurrent(const PrepareContext& ctx);
Status eval_onnx_recurrent(EvalContext& ctx);

// TFLite. States are what a fresh interpreter has: zeros.
Status eval_sequence_lstm(EvalContext& ctx);
// RNN and UNIDIRECTIONAL_SEQUENCE_RNN.
Status eval_tflite_rnn(EvalContext& ctx);
Status eval_svdf(EvalContext& ctx);

}  // namespace narrowcast::ops
