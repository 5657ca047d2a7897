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
      position_(number_nodes(of.graph)) {}

std::string PlanContext::why_not_selected(NodeId id, std::string_view weight) const {
  const Node& node = graph()[id];
  const std::string label = graph().label(id);
  const auto matches = [&](const std::string& glob) { return glob_matches(glob, label) || glob_matches(glob, weight); };
  if (!recipe.op_types.empty() && std::ranges::find(recipe.op_types, node.op.type) == recipe.op_types.end()) {
    return "op type " + node.op.type + " is not among the chosen ones";
  }
  if (!recipe.only.empty() && std::ranges::none_of(recipe.only, matches)) return "not among the chosen names";
  if (std::ranges::any_of(recipe.exclude, matches)) return "excluded by name";
  return "";
}

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
