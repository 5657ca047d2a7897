#include "ir/verify.h"

#include <unordered_set>

namespace narrowcast {
namespace {

struct Edges {
  std::vector<std::vector<uint32_t>> successors;  // by node
  std::vector<uint32_t> predecessor_count;
  bool in_order = true;  // the file's order is already a valid one
};

// The node of scope `outer` in whose body, however deep, `node` stands; the node itself when it stands there.
NodeId ancestor_in(const Graph& graph, NodeId node, ScopeId outer) {
  while (node && graph[node].scope != outer) node = graph[graph[node].scope].owner;
  return node;
}

std::vector<uint32_t> positions(const Graph& graph) {
  std::vector<uint32_t> position(graph.nodes.size(), 0);
  for (const Scope& scope : graph.scopes) {
    for (uint32_t i = 0; i < scope.nodes.size(); ++i) position[scope.nodes[i].index] = i;
  }
  return position;
}

void add_edge(const Graph& graph, const std::vector<uint32_t>& position, ValueId value, NodeId reader, Edges& edges) {
  const NodeId producer = value ? graph[value].producer : NodeId();
  if (!producer || !reader) return;
  const NodeId node = ancestor_in(graph, reader, graph[producer].scope);
  if (!node) return;
  edges.successors[producer.index].push_back(node.index);
  ++edges.predecessor_count[node.index];
  if (position[producer.index] >= position[node.index]) edges.in_order = false;
}

Edges collect_edges(const Graph& graph) {
  const std::vector<uint32_t> position = positions(graph);
  Edges edges{.successors = std::vector<std::vector<uint32_t>>(graph.nodes.size()),
              .predecessor_count = std::vector<uint32_t>(graph.nodes.size(), 0)};
  for (const Scope& scope : graph.scopes) {
    for (const NodeId id : scope.nodes) {
      for (const ValueId input : graph[id].inputs) add_edge(graph, position, input, id, edges);
    }
    // A body's result may be a value of a scope around it.
    for (const ValueId output : scope.outputs) {
      if (scope.owner && output && graph[output].scope != graph[scope.owner].scope) continue;
      add_edge(graph, position, output, scope.owner, edges);
    }
  }
  return edges;
}

// Takes nodes without open predecessors away until none is left; what stays is on a cycle or behind one.
NodeId find_cycle(const Graph& graph, Edges& edges) {
  std::vector<uint32_t> ready;
  for (uint32_t i = 0; i < graph.nodes.size(); ++i) {
    if (edges.predecessor_count[i] == 0) ready.push_back(i);
  }
  std::size_t taken = 0;
  while (!ready.empty()) {
    const uint32_t node = ready.back();
    ready.pop_back();
    ++taken;
    for (const uint32_t next : edges.successors[node]) {
      if (--edges.predecessor_count[next] == 0) ready.push_back(next);
    }
  }
  if (taken == graph.nodes.size()) return {};
  for (uint32_t i = 0; i < graph.nodes.size(); ++i) {
    if (edges.predecessor_count[i] > 0) return NodeId(i);
  }
  return {};
}

Status check_visible(const Graph& graph, NodeId id) {
  const Node& node = graph[id];
  for (const ValueId input : node.inputs) {
    if (!input) continue;
    const Value& value = graph[input];
    const bool gone = value.producer && graph[value.producer].dropped;
    if (gone || !graph.encloses(value.scope, node.scope)) {
      return fail(ErrorCode::internal, "An edit left the node reading '" + value.name + "', which it cannot see.",
                  graph.label(id));
    }
  }
  return {};
}

}  // namespace

Status verify_acyclic(const Graph& graph) {
  Edges edges = collect_edges(graph);
  if (edges.in_order) return {};
  const NodeId cycle = find_cycle(graph, edges);
  if (!cycle) return {};
  return fail(ErrorCode::malformed, "The node depends on its own output: the graph has a cycle.", graph.label(cycle));
}

Status verify(const Graph& graph) {
  for (const Scope& scope : graph.scopes) {
    for (const NodeId id : scope.nodes) NC_CHECK(check_visible(graph, id));
  }
  std::vector<std::unordered_set<std::string_view>> names(graph.scopes.size());
  for (const Value& value : graph.values) {
    if (value.name.empty() || (!value.producer && !value.constant)) continue;
    if (value.producer && graph[value.producer].dropped) continue;
    if (!names[value.scope.index].insert(value.name).second) {
      return fail(ErrorCode::internal, "An edit gave two values the same name.", value.name);
    }
  }
  if (const Status status = verify_acyclic(graph); !status) {
    return fail(ErrorCode::internal, status.error().message, status.error().where);
  }
  return {};
}

}  // namespace narrowcast
