// Analysis: along which axis of a value its channels lie.
#pragma once

#include <vector>

#include "ir/graph.h"
#include "ops/op.h"

namespace narrowcast {

// 1: the second axis, as images have it; -1: the last, as products have it; 0: neither is known.
using ChannelAxis = int;

// By value of an ONNX graph: convolutions, pools and products say where the channels of what they read and make lie,
// and ops that compute element by element pass it on. `facts` as infer_types() gives them.
std::vector<ChannelAxis> channel_axes(const Graph& graph, const std::vector<ops::ValueFact>& facts);

// The axis in a shape of `rank` axes; nothing when there is none, or the value has no such axis.
inline std::optional<std::size_t> axis_in(ChannelAxis axis, std::size_t rank) {
  if (axis == 0 || rank < 2) return std::nullopt;
  return axis < 0 ? rank - 1 : 1;
}

}  // namespace narrowcast
