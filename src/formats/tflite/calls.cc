#include "formats/tflite/calls.h"

#include <algorithm>

namespace narrowcast::tflite {

Status check_calls(const Graph& graph) {
  std::vector<uint32_t> callers(graph.scopes.size(), 0);
  for (const Node& node : graph.nodes) {
    for (const ScopeId body : node.bodies) ++callers[body.index];
  }
  std::vector<uint32_t> ready;
  for (uint32_t i = 0; i < callers.size(); ++i) {
    if (callers[i] == 0) ready.push_back(i);
  }
  std::vector<uint32_t> depth(graph.scopes.size(), 0);
  std::size_t taken = 0;
  for (; taken < ready.size(); ++taken) {
    const uint32_t scope = ready[taken];
    if (depth[scope] > kMaxCallDepth) {
      return fail(ErrorCode::malformed, "Subgraphs are nested more than " + std::to_string(kMaxCallDepth) + " deep.");
    }
    for (const NodeId node : graph.scopes[scope].nodes) {
      for (const ScopeId body : graph[node].bodies) {
        depth[body.index] = std::max(depth[body.index], depth[scope] + 1);
        if (--callers[body.index] == 0) ready.push_back(body.index);
      }
    }
  }
  if (taken == graph.scopes.size()) return {};
  return fail(ErrorCode::malformed, "A subgraph calls itself.");
}

}  // namespace narrowcast::tflite
