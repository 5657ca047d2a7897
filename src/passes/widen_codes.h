// Before: a TFLite graph some of whose tensors hold codes, with their own scales. After: the ops that compute with
// codes read and make float32, between a DEQUANTIZE for what they read and a QUANTIZE for what they make, so that they
// run in float and their results lie where the codes do. What a tensor's codes are widened to takes the tensor's name,
// unless callers read the codes. The graph is for running, not for writing. Left as they are: states, ops with bodies.
#pragma once

#include "ir/graph.h"

namespace narrowcast {

void widen_codes(Graph& graph);

}  // namespace narrowcast
