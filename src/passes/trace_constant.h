// Analysis: which stored constant a value really is, through the ops that only rename, permute or convert it
// (Identity, Transpose, Cast, DEQUANTIZE of float16). Touches nothing.
#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"

namespace narrowcast {

struct ConstantTrace {
  ValueId source;             // a value with a constant
  std::vector<int> axes;      // axis i of the traced value is axis axes[i] of the source
  std::vector<NodeId> chain;  // the ops between, from the reader to the source; empty when the value is the constant
};

// Nothing when the value is made at run time, or from a constant by an op that makes new numbers.
std::optional<ConstantTrace> trace_constant(const Graph& graph, ValueId value);

}  // namespace narrowcast
