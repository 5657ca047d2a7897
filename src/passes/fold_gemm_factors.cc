#include "passes/fold_gemm_factors.h"

#include "passes/float_constant.h"
#include "passes/replace_operand.h"

namespace narrowcast {
namespace {

constexpr uint32_t kB = 1;
constexpr uint32_t kC = 2;

struct Factor {
  const char* attribute;
  uint32_t slot;
  float value;
};

// Nothing when the operand is no float32 constant.
std::optional<std::vector<float>> scaled(const Graph& graph, const Files& files, NodeId node, const Factor& factor) {
  auto floats = float_constant(files, graph[graph[node].inputs[factor.slot]]);
  if (!floats) return std::nullopt;
  for (float& x : *floats) x *= factor.value;
  return floats;
}

bool fold(EditLog& log, const Files& files, const std::vector<std::vector<Use>>& uses, NodeId id) {
  const Graph& graph = log.graph();
  const Node& node = graph[id];
  if (node.op.type != "Gemm" || !node.op.domain.empty() || node.inputs.size() <= kB) return false;
  std::vector<std::pair<Factor, std::vector<float>>> changes;
  for (const Factor factor :
       {Factor{"alpha", kB, node.op.float_or("alpha", 1)}, Factor{"beta", kC, node.op.float_or("beta", 1)}}) {
    const bool is_there = factor.slot < node.inputs.size() && node.inputs[factor.slot];
    if (factor.value == 1 || !is_there) continue;
    auto floats = scaled(graph, files, id, factor);
    if (!floats) return false;
    changes.emplace_back(factor, std::move(*floats));
  }
  for (const auto& [factor, floats] : changes) {
    const std::string reason = std::string(factor.attribute) + " of '" + graph.label(id) + "' is in its constants";
    const ValueId old = graph[id].inputs[factor.slot];
    replace_operand(log, id, factor.slot, uses[old.index].size(), graph[old].constant->shape, floats, reason);
    log.set_attribute(id, factor.attribute, {}, reason);
  }
  return !changes.empty();
}

}  // namespace

std::size_t fold_gemm_factors(EditLog& log, const Files& files) {
  const auto uses = collect_uses(log.graph());
  std::size_t folded = 0;
  for (const Scope& scope : log.graph().scopes) {
    for (const NodeId id : scope.nodes) folded += fold(log, files, uses, id) ? 1 : 0;
  }
  return folded;
}

}  // namespace narrowcast
