#include "exec/schedule.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace narrowcast::exec {
namespace {

void capture_scope(const Graph& graph, ScopeId outermost, ScopeId scope, std::vector<ValueId>& found) {
  const auto read = [&](ValueId value) {
    if (value && !graph.encloses(outermost, graph[value].scope)) found.push_back(value);
  };
  for (const NodeId id : graph[scope].nodes) {
    for (const ValueId input : graph[id].inputs) read(input);
    for (const ScopeId body : graph[id].bodies) capture_scope(graph, outermost, body, found);
  }
  for (const ValueId output : graph[scope].outputs) read(output);
}

// What a node waits for: its operands' producers and those of values that its bodies capture.
std::vector<NodeId> producers(const Graph& graph, NodeId id) {
  std::vector<ValueId> read = graph[id].inputs;
  const auto captured = captured_values(graph, id);
  read.insert(read.end(), captured.begin(), captured.end());
  std::vector<NodeId> nodes;
  for (const ValueId value : read) {
    if (!value || graph[value].constant || !graph[value].producer) continue;
    if (graph[value].scope == graph[id].scope) nodes.push_back(graph[value].producer);
  }
  std::ranges::sort(nodes, {}, &NodeId::index);
  const auto repeated = std::ranges::unique(nodes);
  nodes.erase(repeated.begin(), repeated.end());
  return nodes;
}

// Marks the nodes that the scope's results need.
std::vector<bool> needed_nodes(const Graph& graph, ScopeId scope) {
  std::vector<bool> needed(graph.nodes.size(), false);
  std::vector<NodeId> open;
  const auto need = [&](NodeId id) {
    if (needed[id.index]) return;
    needed[id.index] = true;
    open.push_back(id);
  };
  for (const ValueId output : graph[scope].outputs) {
    if (!output || graph[output].constant) continue;
    if (graph[output].scope == scope && graph[output].producer) need(graph[output].producer);
  }
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    for (const NodeId producer : producers(graph, id)) need(producer);
  }
  return needed;
}

}  // namespace

std::vector<ValueId> captured_values(const Graph& graph, NodeId node) {
  std::vector<ValueId> found;
  for (const ScopeId body : graph[node].bodies) capture_scope(graph, body, body, found);
  std::ranges::sort(found, {}, &ValueId::index);
  const auto repeated = std::ranges::unique(found);
  found.erase(repeated.begin(), repeated.end());
  return found;
}

Result<std::vector<NodeId>> order_nodes(const Graph& graph, ScopeId scope) {
  const std::vector<bool> needed = needed_nodes(graph, scope);
  const std::vector<NodeId>& nodes = graph[scope].nodes;
  std::vector<uint32_t> position(graph.nodes.size(), 0);
  std::vector<uint32_t> waits(nodes.size(), 0);
  std::vector<std::vector<uint32_t>> readers(nodes.size());
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> ready;
  std::size_t count = 0;
  for (uint32_t i = 0; i < nodes.size(); ++i) position[nodes[i].index] = i;
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    if (!needed[nodes[i].index]) continue;
    ++count;
    for (const NodeId producer : producers(graph, nodes[i])) {
      readers[position[producer.index]].push_back(i);
      ++waits[i];
    }
    if (waits[i] == 0) ready.push(i);
  }
  std::vector<NodeId> order;
  while (!ready.empty()) {
    const uint32_t next = ready.top();
    ready.pop();
    order.push_back(nodes[next]);
    for (const uint32_t reader : readers[next]) {
      if (--waits[reader] == 0) ready.push(reader);
    }
  }
  if (order.size() != count) return fail(ErrorCode::malformed, "Nodes of the graph read from each other in a circle.");
  return order;
}

}  // namespace narrowcast::exec
