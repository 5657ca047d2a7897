// Analysis: types, shapes and known small integers of every value, as far as they follow from the graph.
#pragma once

#include <vector>

#include "base/result.h"
#include "ir/graph.h"
#include "ops/op.h"

namespace narrowcast {

// By value. What the file declares is kept where an op tells nothing; where both know a size, the op's is kept.
// Errors: malformed, naming the node whose operands contradict each other.
Result<std::vector<ops::ValueFact>> infer_types(const Graph& graph, const Files& files);

}  // namespace narrowcast
