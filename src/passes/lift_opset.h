// Edit: raises an ONNX model to a newer opset, node by node, by the steps that its ops state (OpDef::lifts).
//   Before: opset 7 to 12
//   After:  opset 13 and the IR version that belongs to it, the same results; constants are no graph inputs any more
// A model that cannot be raised as a whole stays as it is.
#pragma once

#include <string>

#include "ir/edit_log.h"

namespace narrowcast {

struct OpsetLift {
  int64_t from = 0;     // 0: the model is no ONNX file
  int64_t to = 0;       // as `from` when nothing was raised
  std::string why_not;  // names the nodes or functions in the way; empty when none was
};

// `has_functions`: the model defines ops of its own. `reason`: what the newer opset is for.
OpsetLift lift_opset(EditLog& log, const Files& files, bool has_functions, const std::string& reason);

}  // namespace narrowcast
