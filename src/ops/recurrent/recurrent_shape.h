#pragma once

#include "ops/op.h"

namespace narrowcast::ops {

// ONNX: Y [sequence, directions, batch, hidden], Y_h and Y_c [directions, batch, hidden]; with layout 1 the batch
// first.
Status infer_recurrent(InferContext& ctx);
// TFLite: the result is like the input, with the number of recurrent weights' columns at the end.
Status infer_sequence_lstm(InferContext& ctx);
// TFLite: the same, with the number of units, which are the weights' rows.
Status infer_rnn(InferContext& ctx);
// TFLite: [batch, filters / rank].
Status infer_svdf(InferContext& ctx);
// The file's own types stand.
Status infer_nothing(InferContext& ctx);

}  // namespace narrowcast::ops
