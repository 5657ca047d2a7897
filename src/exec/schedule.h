// In which order the nodes of a scope run, and when a value is read for the last time.
#pragma once

#include <vector>

#include "base/result.h"
#include "ir/graph.h"

namespace narrowcast::exec {

// Nodes of a scope that its results need, every one behind those it reads from; the file's order where that is free.
// Errors: malformed, when nodes read from each other in a circle.
Result<std::vector<NodeId>> order_nodes(const Graph& graph, ScopeId scope);

// Values outside of a node's bodies that the bodies read, each once.
std::vector<ValueId> captured_values(const Graph& graph, NodeId node);

}  // namespace narrowcast::exec
