#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

Status eval_if(EvalContext& ctx);
// Stops when the body says so, also when the loop has no condition of its own: as onnxruntime, where ONNX's text would
// not listen then.
Status eval_loop(EvalContext& ctx);
// Version 8 has a batch in front of everything and a length for each of its entries.
Status eval_scan(EvalContext& ctx);
// TFLite: the bodies are (then, else) and (condition, body).
Status eval_if_tflite(EvalContext& ctx);
Status eval_while(EvalContext& ctx);
// STABLEHLO_COMPOSITE: its decomposition runs.
Status eval_composite(EvalContext& ctx);

}  // namespace narrowcast::ops
