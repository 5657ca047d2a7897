#include "passes/spell_out_sparse.h"

#include <algorithm>

namespace narrowcast {
namespace {

bool is_result(const std::vector<Use>& readers) {
  return std::ranges::any_of(readers, [](const Use& use) { return !use.node; });
}

Constant dense_constant(const Files& files, const Value& sparse) {
  Bytes bytes(static_cast<std::size_t>(sparse.dense->length()));
  sparse.dense->produce(files, 0, bytes);
  return {sparse.constant->dtype, sparse.constant->shape, std::move(bytes)};
}

}  // namespace

std::size_t spell_out_sparse(EditLog& log, const Files& files, uint64_t most_bytes) {
  const Graph& graph = log.graph();
  const auto uses = collect_uses(graph);
  std::size_t gone = 0;
  for (const Scope& scope : graph.scopes) {
    const std::vector<NodeId> nodes = scope.nodes;
    for (const NodeId id : nodes) {
      const Node& node = graph[id];
      if (node.op.type != "DENSIFY" || node.inputs.size() != 1 || !node.inputs[0] || node.outputs.size() != 1) continue;
      const Value& sparse = graph[node.inputs[0]];
      if (!sparse.constant || sparse.dense == nullptr || sparse.dense->length() > most_bytes) continue;
      const auto& readers = uses[node.outputs[0].index];
      if (readers.empty() || is_result(readers)) continue;
      most_bytes -= sparse.dense->length();
      const std::string reason = "'" + sparse.name + "' is spelt out, so that it can be narrowed";
      const std::string name = log.unique_name(sparse.name + "_dense");
      const ValueId dense = log.add_constant(node.scope, name, dense_constant(files, sparse), std::nullopt, reason);
      for (const Use& reader : readers) log.set_input(reader.node, reader.slot, dense, reason);
      log.drop_node(id, reason);
      ++gone;
    }
  }
  return gone;
}

}  // namespace narrowcast
