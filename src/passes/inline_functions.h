// Analysis: a copy of a graph in which calls of the model's own functions are replaced by their bodies. For running
// only; what is written comes from the graph as it was read.
#pragma once

#include "base/result.h"
#include "ir/function.h"

namespace narrowcast {

struct Inlined {
  Graph graph;
  Files files;  // the model's, then one a function
};

// Nodes of a body keep the opsets that their function imports. An attribute that refers to one that the caller leaves
// out, and that has no default, is absent.
// Errors: malformed, when functions call each other in a circle, or a call does not fit; unsupported, when the graph
// would grow beyond a million nodes.
Result<Inlined> inline_functions(const Graph& graph, const Files& files, std::span<const Function> functions);

}  // namespace narrowcast
