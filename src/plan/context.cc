#include "plan/context.h"

#include <algorithm>

#include "passes/infer_types.h"

namespace narrowcast {
namespace {

std::vector<ops::ValueFact> find_facts(const Model& model, std::string& warning) {
  Result<std::vector<ops::ValueFact>> facts = infer_types(model.graph, model.files);
  if (facts) return std::move(*facts);
  warning = "'" + facts.error().where + "': " + facts.error().message;
  std::vector<ops::ValueFact> declared(model.graph.values.size());
  for (std::size_t i = 0; i < declared.size(); ++i) declared[i].type = model.graph.values[i].type;
  return declared;
}

std::vector<uint32_t> number_nodes(const Graph& graph) {
  std::vector<uint32_t> position(graph.nodes.size(), 0);
  for (const Scope& scope : graph.scopes) {
    for (uint32_t i = 0; i < scope.nodes.size(); ++i) position[scope.nodes[i].index] = i;
  }
  return position;
}

}  // namespace

PlanContext::PlanContext(const Model& of, const Recipe& wish)
    : model(of),
      recipe(wish),
      capability(capability_of(of)),
      facts(find_facts(of, warning)),
      uses(of.graph, facts),
      rules(of.graph, wish),
      position_(number_nodes(of.graph)) {}

NodeId PlanContext::first_reader(ScopeId scope, std::span<const Use> readers) const {
  NodeId first;
  for (const Use& reader : readers) {
    NodeId node = reader.node;
    while (node && graph()[node].scope != scope) node = graph()[graph()[node].scope].owner;
    if (node && (!first || position_[node.index] < position_[first.index])) first = node;
  }
  return first;
}

}  // namespace narrowcast
