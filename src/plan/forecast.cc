#include "plan/forecast.h"

#include <algorithm>

#include "plan/context.h"
#include "plan/integer_nodes.h"
#include "plan/target.h"
#include "plan/tflite_nodes.h"

namespace narrowcast {
namespace {

// Every op of a TFLite model that has an int8 kernel gets it.
std::size_t count_tflite(const PlanContext& context, const Target& target) {
  const TfliteNodes nodes(context, target);
  std::size_t count = 0;
  for (const Scope& scope : context.graph().scopes) {
    count += static_cast<std::size_t>(
        std::ranges::count_if(scope.nodes, [&](NodeId id) { return nodes.of(id).in_integers || nodes.vanishes(id); }));
  }
  return count;
}

std::size_t count_integers(const PlanContext& context, const Target& target, Placing placing) {
  if (context.capability.is_tflite) return count_tflite(context, target);
  const IntegerNodes nodes(context, target, placing);
  std::size_t count = 0;
  for (const Scope& scope : context.graph().scopes) {
    count += static_cast<std::size_t>(
        std::ranges::count_if(scope.nodes, [&](NodeId id) { return nodes.of(id).fate != NodeFate::in_float; }));
  }
  return count;
}

}  // namespace

std::vector<Forecast> forecast_targets(const Model& model) {
  std::vector<Forecast> list;
  const Recipe recipe{.mode = Mode::full_integer};
  const PlanContext context(model, recipe);
  std::size_t nodes = 0;
  for (const Scope& scope : model.graph.scopes) {
    nodes += static_cast<std::size_t>(
        std::ranges::count_if(scope.nodes, [&](NodeId id) { return model.graph[id].op.type != "Constant"; }));
  }
  for (const Target& target : targets()) {
    if (target.format != model.format->name) continue;
    list.push_back({target.name, target.verified, count_integers(context, target, Placing::fastest),
                    count_integers(context, target, Placing::widest), nodes});
  }
  return list;
}

}  // namespace narrowcast
