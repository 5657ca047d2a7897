#pragma once

#include "base/result.h"
#include "ir/function.h"

namespace narrowcast::onnx {

// Reads a FunctionProto. Its body is read as the graph of a model of its own, which imports what the function does.
// Errors: malformed, as for models.
Result<Function> read_function(ByteView file, Span body);

}  // namespace narrowcast::onnx
