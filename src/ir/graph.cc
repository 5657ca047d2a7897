#include "ir/graph.h"

#include <algorithm>

namespace narrowcast {

ValueId Graph::add_value(Value value) {
  values.push_back(std::move(value));
  return ValueId(values.size() - 1);
}

NodeId Graph::add_node(Node node) {
  const NodeId id(nodes.size());
  for (const ValueId output : node.outputs) {
    if (output) (*this)[output].producer = id;
  }
  nodes.push_back(std::move(node));
  return id;
}

ScopeId Graph::add_scope(Scope scope) {
  scopes.push_back(std::move(scope));
  return ScopeId(scopes.size() - 1);
}

int64_t Graph::opset(std::string_view domain) const {
  const auto it = std::ranges::find(opsets, domain, &OpsetImport::domain);
  return it != opsets.end() ? it->version : 0;
}

std::string Graph::label(NodeId id) const {
  const Node& node = (*this)[id];
  if (!node.name.empty()) return node.name;
  for (const ValueId output : node.outputs) {
    if (output && !(*this)[output].name.empty()) return (*this)[output].name;
  }
  return node.op.type + " #" + std::to_string(id.index);
}

bool Graph::encloses(ScopeId outer, ScopeId inner) const {
  for (ScopeId scope = inner; scope; scope = (*this)[scope].parent) {
    if (scope == outer) return true;
  }
  return false;
}

std::vector<std::vector<Use>> collect_uses(const Graph& graph) {
  std::vector<std::vector<Use>> uses(graph.values.size());
  for (std::size_t s = 0; s < graph.scopes.size(); ++s) {
    const ScopeId scope(s);
    for (const NodeId id : graph[scope].nodes) {
      const auto& inputs = graph[id].inputs;
      for (uint32_t slot = 0; slot < inputs.size(); ++slot) {
        if (inputs[slot]) uses[inputs[slot].index].push_back({id, slot, scope});
      }
    }
  }
  for (std::size_t s = 0; s < graph.scopes.size(); ++s) {
    const auto& outputs = graph.scopes[s].outputs;
    for (uint32_t slot = 0; slot < outputs.size(); ++slot) {
      if (outputs[slot]) uses[outputs[slot].index].push_back({NodeId(), slot, ScopeId(s)});
    }
  }
  return uses;
}

}  // namespace narrowcast
