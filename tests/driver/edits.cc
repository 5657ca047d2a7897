#include "edits.h"

#include <algorithm>

namespace narrowcast::testing {
namespace {

constexpr const char* kReason = "a test of the writers";

// The last node of the scope for which `fits` holds.
template <typename Fits>
NodeId find_node(const Graph& graph, ScopeId scope, Fits fits) {
  const auto& nodes = graph[scope].nodes;
  for (std::size_t i = nodes.size(); i > 0; --i) {
    if (fits(graph[nodes[i - 1]])) return nodes[i - 1];
  }
  return {};
}

template <typename Fits>
ValueId find_value(const Graph& graph, ScopeId scope, Fits fits) {
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    if (graph.values[i].scope == scope && fits(graph.values[i])) return ValueId(i);
  }
  return {};
}

Constant small_constant() { return {DType::f32, {2}, Bytes{0, 0, 128, 63, 0, 0, 0, 64}}; }

bool insert_node(EditLog& log, ScopeId scope) {
  const Graph& graph = log.graph();
  const NodeId before = find_node(graph, scope, [](const Node& n) { return !n.inputs.empty() && n.inputs[0]; });
  if (!before) return false;
  const bool is_tflite = graph[before].op.domain == kTfliteDomain;
  Node node;
  node.op = {std::string(is_tflite ? kTfliteDomain : ""), is_tflite ? "FLOOR" : "Identity", 1, {}};
  node.inputs = {graph[before].inputs[0]};
  Value output;
  output.name = log.unique_name("inserted");
  output.type = graph[node.inputs[0]].type;
  log.insert_node(scope, before, std::move(node), {output}, kReason);
  return true;
}

bool drop_node(EditLog& log, ScopeId scope) {
  const NodeId node = find_node(log.graph(), scope, [](const Node&) { return true; });
  if (!node) return false;
  log.drop_node(node, kReason);
  return true;
}

bool set_input(EditLog& log, ScopeId scope) {
  const NodeId node = find_node(log.graph(), scope, [](const Node& n) {
    return n.inputs.size() >= 2 && n.inputs[0] && n.inputs[1] && n.inputs[0] != n.inputs[1];
  });
  if (!node) return false;
  log.set_input(node, 1, log.graph()[node].inputs[0], kReason);
  return true;
}

bool set_output(EditLog& log, ScopeId scope) {
  Graph& graph = log.graph();
  // TFLite has no value without a record: take one that is there already.
  const NodeId node = find_node(graph, scope, [](const Node& n) { return !n.outputs.empty() && n.outputs[0]; });
  if (!node) return false;
  ValueId value;
  if (graph[node].op.domain == kTfliteDomain) {
    value = graph[scope].inputs[0];
  } else {
    Value renamed;
    renamed.name = log.unique_name("renamed");
    renamed.scope = scope;
    value = graph.add_value(std::move(renamed));
  }
  log.set_output(node, 0, value, kReason);
  return true;
}

bool set_attribute(EditLog& log, ScopeId scope) {
  std::string name;
  const NodeId node = find_node(log.graph(), scope, [&](const Node& n) {
    const auto it = std::ranges::find_if(n.op.attributes,
                                         [](const Attribute& a) { return std::holds_alternative<int64_t>(a.value); });
    if (it != n.op.attributes.end()) name = it->name;
    return it != n.op.attributes.end();
  });
  if (!node) return false;
  log.set_attribute(node, name, log.graph()[node].op.int_or(name, 0) == 0 ? int64_t{1} : int64_t{0}, kReason);
  return true;
}

bool set_op(EditLog& log, ScopeId scope) {
  const NodeId node = find_node(log.graph(), scope, [](const Node& n) { return n.op.domain.empty(); });
  if (!node) return false;
  log.set_op(node, "Renamed", kReason);
  return true;
}

bool set_version(EditLog& log, ScopeId scope) {
  const NodeId node = find_node(log.graph(), scope, [](const Node& n) { return n.op.domain == kTfliteDomain; });
  if (!node) return false;
  log.set_version(node, log.graph()[node].op.version + 40, kReason);
  return true;
}

bool set_ir_version(EditLog& log, ScopeId) {
  if (log.graph().ir_version >= 12) return false;
  log.set_ir_version(log.graph().ir_version + 1, kReason);
  return true;
}

bool drop_graph_input(EditLog& log, ScopeId scope) {
  for (const ValueId input : log.graph()[scope].inputs) {
    if (!log.graph()[input].constant) continue;
    log.drop_graph_input(scope, input, kReason);
    return true;
  }
  return false;
}

bool set_metadata(EditLog& log, ScopeId) {
  log.set_metadata("narrowcast.test", "a value", kReason);
  return true;
}

bool set_opset(EditLog& log, ScopeId) {
  log.set_opset("com.example", 3, kReason);
  return true;
}

bool add_constant(EditLog& log, ScopeId scope) {
  log.add_constant(scope, log.unique_name("added"), small_constant(), std::nullopt, kReason);
  return true;
}

bool set_constant(EditLog& log, ScopeId scope) {
  const ValueId value = find_value(log.graph(), scope, [](const Value& v) { return v.constant.has_value(); });
  if (!value) return false;
  log.set_constant(value, small_constant(), std::nullopt, kReason);
  return true;
}

bool drop_constant(EditLog& log, ScopeId scope) {
  const ValueId value = find_value(log.graph(), scope, [](const Value& v) { return v.constant.has_value(); });
  if (!value) return false;
  log.drop_constant(value, kReason);
  return true;
}

// Where a type has a record in both formats: the graph's first real input.
bool set_type(EditLog& log, ScopeId scope) {
  for (const ValueId input : log.graph()[scope].inputs) {
    if (log.graph()[input].constant) continue;
    log.set_type(input, {DType::f16, Shape{3, 5}}, kReason);
    return true;
  }
  return false;
}

bool set_graph_input(EditLog& log, ScopeId scope) {
  const ValueId other = find_value(log.graph(), scope, [](const Value& v) { return v.producer && !v.name.empty(); });
  if (!other || log.graph()[scope].inputs.empty()) return false;
  log.set_graph_input(scope, 0, other, kReason);
  return true;
}

bool set_graph_output(EditLog& log, ScopeId scope) {
  const ValueId other = find_value(log.graph(), scope, [](const Value& v) { return v.producer && !v.name.empty(); });
  if (!other || log.graph()[scope].outputs.empty()) return false;
  log.set_graph_output(scope, 0, other, kReason);
  return true;
}

struct Maker {
  EditKind kind;
  bool (*make)(EditLog&, ScopeId);
};

constexpr Maker kMakers[] = {
    {EditKind::insert_node, insert_node},
    {EditKind::drop_node, drop_node},
    {EditKind::set_input, set_input},
    {EditKind::set_output, set_output},
    {EditKind::set_attribute, set_attribute},
    {EditKind::set_op, set_op},
    {EditKind::set_version, set_version},
    {EditKind::add_constant, add_constant},
    {EditKind::set_constant, set_constant},
    {EditKind::drop_constant, drop_constant},
    {EditKind::set_type, set_type},
    {EditKind::set_opset, set_opset},
    {EditKind::set_ir_version, set_ir_version},
    {EditKind::set_graph_input, set_graph_input},
    {EditKind::drop_graph_input, drop_graph_input},
    {EditKind::set_graph_output, set_graph_output},
    {EditKind::set_metadata, set_metadata},
};

}  // namespace

bool make_edit(EditLog& log, std::string_view kind, ScopeId scope) {
  const auto it = std::ranges::find_if(kMakers, [&](const Maker& m) { return edit_kind_name(m.kind) == kind; });
  return it != std::end(kMakers) && it->make(log, scope);
}

}  // namespace narrowcast::testing
