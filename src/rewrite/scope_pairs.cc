#include "rewrite/scope_pairs.h"

#include <algorithm>

namespace narrowcast {
namespace {

constexpr std::string_view kReason = "the pair of an op stands in the scope of the op";

ValueId widen_again(EditLog& log, NodeId original, const Use& reader) {
  const Graph& graph = log.graph();
  Node node;
  node.op = graph[original].op;
  node.inputs = graph[original].inputs;
  const Value& widened = graph[graph[original].outputs[0]];
  node.name = log.unique_name(widened.name + "_DequantizeLinear");
  std::vector<Value> outputs(1);
  outputs[0].name = log.unique_name(widened.name + "_dequantized");
  outputs[0].type = widened.type;
  const NodeId id =
      log.insert_node(reader.scope, reader.node, std::move(node), std::move(outputs), std::string(kReason));
  return log.graph()[id].outputs[0];
}

}  // namespace

void dequantize_in_each_scope(EditLog& log) {
  const auto uses = collect_uses(log.graph());
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const NodeId producer = log.graph().values[i].producer;
    if (!producer || log.graph()[producer].op.type != "DequantizeLinear") continue;
    std::vector<std::pair<ScopeId, ValueId>> copies;
    std::size_t moved = 0;
    for (const Use& use : uses[i]) {
      if (!use.node || use.scope == log.graph()[producer].scope) continue;
      auto copy = std::ranges::find(copies, use.scope, &std::pair<ScopeId, ValueId>::first);
      if (copy == copies.end()) copy = copies.insert(copy, {use.scope, widen_again(log, producer, use)});
      log.set_input(use.node, use.slot, copy->second, std::string(kReason));
      ++moved;
    }
    if (moved > 0 && moved == uses[i].size()) log.drop_node(producer, std::string(kReason));
  }
}

}  // namespace narrowcast
