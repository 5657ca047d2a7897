#include "passes/replace_operand.h"

namespace narrowcast {
namespace {

Constant constant_of(Shape shape, const std::vector<float>& floats) {
  Bytes bytes;
  bytes.reserve(floats.size() * sizeof(float));
  for (const float value : floats) append_le(bytes, value);
  return {DType::f32, std::move(shape), std::move(bytes)};
}

}  // namespace

ValueId replace_operand(EditLog& log, NodeId node, uint32_t slot, std::size_t readers, Shape shape,
                        const std::vector<float>& floats, const std::string& reason) {
  const Graph& graph = log.graph();
  const ValueId old = slot < graph[node].inputs.size() ? graph[node].inputs[slot] : ValueId();
  if (old && readers == 1) {
    log.set_constant(old, constant_of(std::move(shape), floats), std::nullopt, reason);
    return old;
  }
  const std::string base = old ? graph[old].name : graph.label(node) + "_bias";
  const ValueId made = log.add_constant(graph[node].scope, log.unique_name(base), constant_of(std::move(shape), floats),
                                        std::nullopt, reason);
  log.set_input(node, slot, made, reason);
  return made;
}

}  // namespace narrowcast
