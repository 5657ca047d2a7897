#pragma once

#include "ir/edit_log.h"
#include "passes/lift_opset.h"
#include "plan/plan.h"

namespace narrowcast {

// Edits that a mode gains by, before anything is planned. `log` is of the model's graph.
// Of an ONNX model it tells which opset it came with and has now.
OpsetLift prepare_graph(EditLog& log, const Model& model, const Recipe& recipe);

}  // namespace narrowcast
