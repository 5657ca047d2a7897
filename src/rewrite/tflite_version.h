#pragma once

#include "ir/graph.h"
#include "ops/op.h"

namespace narrowcast {

// The version that the node's operator code must have for its operands; what it has where that is not known.
int tflite_version_of(const Graph& graph, const Node& node);

ops::Rule tflite_rule_of(const Graph& graph, const Node& node);

}  // namespace narrowcast
