// Full-integer ONNX files, style qoperator: ops that take codes and give codes, in place of pairs around float ones.
#pragma once

#include "ir/edit_log.h"
#include "plan/plan.h"

namespace narrowcast {

// Before: the graph is in pairs. After: Conv, MatMul, Gemm and Add between pairs are QLinearConv, QLinearMatMul, QGemm
// and QLinearAdd; ops to whose results the plan gave their operand's scale take codes; what nobody reads any more is
// gone. Others stay in pairs.
void write_operators(EditLog& log, const std::vector<ActivationPlan>& activations);

}  // namespace narrowcast
