#pragma once

#include "base/result.h"
#include "ir/graph.h"

namespace narrowcast {

// A model without cycles: no node depends on its own output, directly or through a body.
// Errors: malformed, naming a node of the cycle.
Status verify_acyclic(const Graph& graph);

// What must hold after edits: inputs are visible where they are read and made by a node that is still there, nothing
// depends on itself, and no two values of a scope share a name.
// Errors: internal, naming the node or value; an edit was wrong.
Status verify(const Graph& graph);

}  // namespace narrowcast
