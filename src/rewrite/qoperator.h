// Full-integer ONNX files, style qoperator: ops that take codes and give codes, in place of pairs around float ones.
#pragma once

#include "ir/edit_log.h"

namespace narrowcast {

// Before: the graph is in pairs. After: Conv, MatMul, Gemm and Add between pairs are QLinearConv, QLinearMatMul, QGemm
// and QLinearAdd; ops that only move numbers, between pairs of one scale, take codes; what nobody reads any more is
// gone. Others stay in pairs.
void write_operators(EditLog& log);

}  // namespace narrowcast
