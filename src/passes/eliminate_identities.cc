#include "passes/eliminate_identities.h"

#include <algorithm>

namespace narrowcast {
namespace {

bool passes_on(const Graph& graph, const std::vector<std::vector<Use>>& uses, const Node& node) {
  if (!node.op.domain.empty() || node.inputs.empty() || !node.inputs[0] || node.outputs.empty() || !node.outputs[0]) {
    return false;
  }
  if (node.op.type == "Identity") return true;
  // From opset 12 on an operand says whether it is training; before, an inference file has it do nothing.
  constexpr std::size_t kTraining = 2;
  const bool may_train = node.inputs.size() > kTraining && node.inputs[kTraining];
  const bool has_mask = node.outputs.size() > 1 && node.outputs[1] && !uses[node.outputs[1].index].empty();
  return node.op.type == "Dropout" && !may_train && !has_mask && !graph[node.inputs[0]].quant;
}

}  // namespace

std::size_t eliminate_identities(EditLog& log) {
  const Graph& graph = log.graph();
  auto uses = collect_uses(graph);
  std::size_t gone = 0;
  for (const Scope& scope : graph.scopes) {
    const std::vector<NodeId> nodes = scope.nodes;
    for (const NodeId id : nodes) {
      const Node& node = graph[id];
      if (!passes_on(graph, uses, node)) continue;
      const ValueId from = node.inputs[0];
      const std::vector<Use> readers = uses[node.outputs[0].index];
      const bool is_result = std::ranges::any_of(readers, [](const Use& use) { return !use.node; });
      if (is_result || readers.empty() || graph[from].scope != node.scope) continue;
      const std::string reason = "'" + graph.label(id) + "' passes on its operand as it is";
      for (const Use& reader : readers) {
        log.set_input(reader.node, reader.slot, from, reason);
        uses[from.index].push_back(reader);
      }
      log.drop_node(id, reason);
      ++gone;
    }
  }
  return gone;
}

}  // namespace narrowcast
