// Analysis: which stored constants a value is made of, through the ops that only rename, permute, convert or move
// elements (Identity, Transpose, Cast, Slice, Concat, Reshape...). Touches nothing.
#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"

namespace narrowcast {

struct ConstantTrace {
  ValueId source;                        // a value with a constant
  std::optional<std::vector<int>> axes;  // axis i of the traced value is axis (*axes)[i] of the source, if they map
};

// In the order of the operands, every source once. Empty when any part of the value is made at run time.
std::vector<ConstantTrace> trace_constants(const Graph& graph, ValueId value);

}  // namespace narrowcast
