#include "passes/inline_functions.h"

#include <algorithm>

namespace narrowcast {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxNodes = 1'000'000;

class Inliner {
 public:
  Inliner(const Graph& graph, const Files& files, std::span<const Function> functions)
      : functions_(functions), out_{graph, files}, first_file_(files.size()) {
    for (const Function& function : functions) out_.files.push_back({function.name, *function.bytes});
  }

  Result<Inlined> run() {
    const std::size_t scopes = out_.graph.scopes.size();  // more are added on the way, expanded already
    for (std::size_t i = 0; i < scopes; ++i) {
      NC_TRY(std::vector<NodeId> nodes, expand(std::vector<NodeId>(out_.graph.scopes[i].nodes), 0));
      out_.graph.scopes[i].nodes = std::move(nodes);
    }
    return std::move(out_);
  }

 private:
  // One call of a function: where its values, graphs and attributes stand in the caller's graph.
  struct Call {
    const Function& function;
    NodeId node;
    std::vector<ValueId> values;  // by value of the function
    std::vector<ScopeId> scopes;  // by scope of the function
  };

  [[nodiscard]] const Function* find(const RawOp& op) const {
    const auto found =
        std::ranges::find_if(functions_, [&](const Function& f) { return f.domain == op.domain && f.name == op.type; });
    return found == functions_.end() ? nullptr : &*found;
  }
  Result<std::vector<NodeId>> expand(const std::vector<NodeId>& nodes, int depth);
  Result<std::vector<NodeId>> splice(const Function& function, NodeId node, int depth);
  Status bind(Call& call);
  void copy_value(Call& call, std::size_t index, ScopeId scope);
  NodeId copy_node(const Call& call, NodeId id, ScopeId scope);
  [[nodiscard]] std::optional<Attribute> resolve(const Call& call, const Attribute& attribute) const;
  void move_payload(const Call& call, Constant& constant) const;

  std::span<const Function> functions_;
  Inlined out_;
  std::size_t first_file_;
};

Result<std::vector<NodeId>> Inliner::expand(const std::vector<NodeId>& nodes, int depth) {
  if (depth > kMaxDepth) return fail(ErrorCode::malformed, "The model's functions call each other in a circle.");
  std::vector<NodeId> expanded;
  for (const NodeId id : nodes) {
    const Function* function = find(out_.graph[id].op);
    if (function == nullptr) {
      expanded.push_back(id);
      continue;
    }
    NC_TRY(const std::vector<NodeId> body, splice(*function, id, depth));
    NC_TRY(const std::vector<NodeId> flat, expand(body, depth + 1));
    expanded.insert(expanded.end(), flat.begin(), flat.end());
    if (out_.graph.nodes.size() > kMaxNodes) {
      return fail(ErrorCode::unsupported, "The model's functions make more than a million nodes.");
    }
  }
  return expanded;
}

// The body's inputs are the call's; its results pass through an Identity each, which costs no copy.
Status Inliner::bind(Call& call) {
  const Scope& body = call.function.graph.scopes[0];
  const Node& node = out_.graph[call.node];
  if (node.inputs.size() > body.inputs.size() || node.outputs.size() > body.outputs.size()) {
    return fail(ErrorCode::malformed, "The call does not fit the function '" + call.function.name + "'.",
                out_.graph.label(call.node));
  }
  for (std::size_t i = 0; i < node.inputs.size(); ++i) call.values[body.inputs[i].index] = node.inputs[i];
  return {};
}

void Inliner::move_payload(const Call& call, Constant& constant) const {
  auto* span = std::get_if<Span>(&constant.payload);
  if (span == nullptr) return;
  span->file = static_cast<uint32_t>(first_file_ + static_cast<std::size_t>(&call.function - functions_.data()));
}

void Inliner::copy_value(Call& call, std::size_t index, ScopeId scope) {
  Value value = call.function.graph.values[index];
  value.name = out_.graph.label(call.node) + "/" + value.name;
  value.scope = scope;
  value.producer = {};
  if (value.constant) move_payload(call, *value.constant);
  call.values[index] = out_.graph.add_value(std::move(value));
}

std::optional<Attribute> Inliner::resolve(const Call& call, const Attribute& attribute) const {
  if (attribute.reference.empty()) return attribute;
  const auto named = [&](const Attribute& other) { return other.name == attribute.reference; };
  const std::vector<Attribute>& given = out_.graph[call.node].op.attributes;
  auto found = std::ranges::find_if(given, named);
  if (found == given.end()) {
    found = std::ranges::find_if(call.function.defaults, named);
    if (found == call.function.defaults.end()) return std::nullopt;
  }
  Attribute value = *found;
  value.name = attribute.name;
  return value;
}

NodeId Inliner::copy_node(const Call& call, NodeId id, ScopeId scope) {
  const Node& from = call.function.graph[id];
  Node node;
  node.name = out_.graph.label(call.node) + "/" + from.name;
  node.scope = scope;
  node.op = {from.op.domain, from.op.type, from.op.version, {}};
  const auto place = [&](ValueId value) { return value ? call.values[value.index] : ValueId(); };
  for (const ValueId input : from.inputs) node.inputs.push_back(place(input));
  for (const ValueId output : from.outputs) node.outputs.push_back(place(output));
  for (const ScopeId body : from.bodies) node.bodies.push_back(call.scopes[body.index]);
  for (const Attribute& attribute : from.op.attributes) {
    auto resolved = resolve(call, attribute);
    if (!resolved) continue;
    if (attribute.reference.empty()) {
      if (auto* constant = std::get_if<Constant>(&resolved->value)) move_payload(call, *constant);
      if (auto* graphs = std::get_if<std::vector<ScopeId>>(&resolved->value)) {
        for (ScopeId& graph : *graphs) graph = call.scopes[graph.index];
      }
    }
    node.op.attributes.push_back(std::move(*resolved));
  }
  return out_.graph.add_node(std::move(node));
}

Result<std::vector<NodeId>> Inliner::splice(const Function& function, NodeId id, int depth) {
  const Graph& inner = function.graph;
  const ScopeId scope = out_.graph[id].scope;
  Call call{function, id, std::vector<ValueId>(inner.values.size()), std::vector<ScopeId>(inner.scopes.size(), scope)};
  NC_CHECK(bind(call));
  const Scope& body = inner.scopes[0];
  for (std::size_t i = 1; i < inner.scopes.size(); ++i) call.scopes[i] = out_.graph.add_scope({});
  for (std::size_t i = 0; i < inner.values.size(); ++i) {
    const bool is_input = std::ranges::find(body.inputs, ValueId(i)) != body.inputs.end();
    if (!is_input) copy_value(call, i, call.scopes[inner.values[i].scope.index]);
  }
  std::vector<NodeId> nodes;
  for (std::size_t i = 0; i < inner.scopes.size(); ++i) {
    std::vector<NodeId> copied;
    for (const NodeId node : inner.scopes[i].nodes) copied.push_back(copy_node(call, node, call.scopes[i]));
    if (i == 0) {
      nodes = std::move(copied);
      continue;
    }
    const Scope& from = inner.scopes[i];
    NC_TRY(std::vector<NodeId> flat, expand(copied, depth + 1));
    Scope& to = out_.graph[call.scopes[i]];
    to.nodes = std::move(flat);
    to.name = from.name;
    to.parent = from.parent ? call.scopes[from.parent.index] : scope;
    for (const ValueId value : from.inputs) to.inputs.push_back(call.values[value.index]);
    for (const ValueId value : from.outputs) to.outputs.push_back(call.values[value.index]);
  }
  const std::vector<ValueId> results = out_.graph[id].outputs;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) continue;
    Node pass;
    pass.name = out_.graph.label(id);
    pass.scope = scope;
    pass.op = {"", "Identity", 1, {}};
    pass.inputs = {call.values[body.outputs[i].index]};
    pass.outputs = {results[i]};
    nodes.push_back(out_.graph.add_node(std::move(pass)));
  }
  return nodes;
}

}  // namespace

Result<Inlined> inline_functions(const Graph& graph, const Files& files, std::span<const Function> functions) {
  return Inliner(graph, files, functions).run();
}

}  // namespace narrowcast
