#pragma once

#include "base/result.h"
#include "ir/graph.h"

namespace narrowcast::tflite {

// Deeper nesting of IF, WHILE and the like than this is an attack on the stack, not a model.
inline constexpr uint32_t kMaxCallDepth = 32;

// No subgraph reaches itself through its nodes' bodies, and none lies deeper than kMaxCallDepth.
// Errors: malformed.
Status check_calls(const Graph& graph);

}  // namespace narrowcast::tflite
