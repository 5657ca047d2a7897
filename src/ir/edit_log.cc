#include "ir/edit_log.h"

#include <algorithm>

namespace narrowcast {

std::string_view edit_kind_name(EditKind kind) {
  switch (kind) {
    case EditKind::insert_node:
      return "insert_node";
    case EditKind::drop_node:
      return "drop_node";
    case EditKind::set_input:
      return "set_input";
    case EditKind::set_output:
      return "set_output";
    case EditKind::set_attribute:
      return "set_attribute";
    case EditKind::set_op:
      return "set_op";
    case EditKind::set_version:
      return "set_version";
    case EditKind::add_constant:
      return "add_constant";
    case EditKind::set_constant:
      return "set_constant";
    case EditKind::drop_constant:
      return "drop_constant";
    case EditKind::set_type:
      return "set_type";
    case EditKind::set_opset:
      return "set_opset";
    case EditKind::set_ir_version:
      return "set_ir_version";
    case EditKind::set_graph_input:
      return "set_graph_input";
    case EditKind::drop_graph_input:
      return "drop_graph_input";
    case EditKind::set_graph_output:
      return "set_graph_output";
    case EditKind::set_metadata:
      return "set_metadata";
  }
  return "unknown";
}

NodeId EditLog::insert_node(ScopeId scope, NodeId before, Node node, std::vector<Value> outputs, std::string reason) {
  Graph& g = *graph_;
  node.scope = scope;
  node.outputs.clear();
  for (Value& output : outputs) {
    output.scope = scope;
    node.outputs.push_back(g.add_value(std::move(output)));
  }
  const NodeId id = g.add_node(std::move(node));
  auto& order = g[scope].nodes;
  order.insert(before ? std::ranges::find(order, before) : order.end(), id);
  record({.kind = EditKind::insert_node, .reason = std::move(reason), .node = id, .scope = scope});
  return id;
}

void EditLog::drop_node(NodeId node, std::string reason) {
  Graph& g = *graph_;
  std::erase(g[g[node].scope].nodes, node);
  g[node].dropped = true;
  record({.kind = EditKind::drop_node, .reason = std::move(reason), .node = node, .scope = g[node].scope});
}

void EditLog::set_input(NodeId node, uint32_t slot, ValueId value, std::string reason) {
  auto& inputs = (*graph_)[node].inputs;
  if (slot >= inputs.size()) inputs.resize(slot + 1);
  inputs[slot] = value;
  record({.kind = EditKind::set_input,
          .reason = std::move(reason),
          .node = node,
          .value = value,
          .scope = (*graph_)[node].scope,
          .slot = slot});
}

void EditLog::set_output(NodeId node, uint32_t slot, ValueId value, std::string reason) {
  Graph& g = *graph_;
  if (const ValueId old = g[node].outputs[slot]; old && g[old].producer == node) g[old].producer = NodeId();
  g[node].outputs[slot] = value;
  g[value].producer = node;
  record({.kind = EditKind::set_output,
          .reason = std::move(reason),
          .node = node,
          .value = value,
          .scope = g[node].scope,
          .slot = slot});
}

void EditLog::set_attribute(NodeId node, std::string name, AttributeValue value, std::string reason) {
  auto& attributes = (*graph_)[node].op.attributes;
  const auto it = std::ranges::find(attributes, name, &Attribute::name);
  if (std::holds_alternative<std::monostate>(value)) {
    if (it != attributes.end()) attributes.erase(it);
  } else if (it != attributes.end()) {
    it->value = std::move(value);
  } else {
    attributes.push_back({name, std::move(value)});
  }
  record({.kind = EditKind::set_attribute,
          .reason = std::move(reason),
          .node = node,
          .scope = (*graph_)[node].scope,
          .key = std::move(name)});
}

void EditLog::set_op(NodeId node, std::string type, std::string reason) {
  (*graph_)[node].op.type = std::move(type);
  record({.kind = EditKind::set_op, .reason = std::move(reason), .node = node, .scope = (*graph_)[node].scope});
}

void EditLog::set_version(NodeId node, int version, std::string reason) {
  (*graph_)[node].op.version = version;
  record({.kind = EditKind::set_version, .reason = std::move(reason), .node = node, .scope = (*graph_)[node].scope});
}

ValueId EditLog::add_constant(ScopeId scope, std::string name, Constant constant, std::optional<QuantParams> quant,
                              std::string reason) {
  Value value;
  value.name = std::move(name);
  value.scope = scope;
  value.type = {constant.dtype, constant.shape};
  value.constant = std::move(constant);
  value.quant = std::move(quant);
  const ValueId id = graph_->add_value(std::move(value));
  record({.kind = EditKind::add_constant, .reason = std::move(reason), .value = id, .scope = scope});
  return id;
}

void EditLog::set_constant(ValueId id, Constant constant, std::optional<QuantParams> quant, std::string reason) {
  Value& value = (*graph_)[id];
  value.type = {constant.dtype, constant.shape};
  value.constant = std::move(constant);
  value.quant = std::move(quant);
  record({.kind = EditKind::set_constant, .reason = std::move(reason), .value = id, .scope = value.scope});
}

void EditLog::drop_constant(ValueId id, std::string reason) {
  Value& value = (*graph_)[id];
  value.constant.reset();
  std::erase((*graph_)[value.scope].inputs, id);
  record({.kind = EditKind::drop_constant, .reason = std::move(reason), .value = id, .scope = value.scope});
}

void EditLog::set_type(ValueId id, TensorType type, std::string reason) {
  Value& value = (*graph_)[id];
  value.type = std::move(type);
  record({.kind = EditKind::set_type, .reason = std::move(reason), .value = id, .scope = value.scope});
}

void EditLog::set_type(ValueId id, TensorType type, std::optional<QuantParams> quant, std::string reason) {
  (*graph_)[id].quant = std::move(quant);
  set_type(id, std::move(type), std::move(reason));
}

void EditLog::set_opset(std::string domain, int64_t version, std::string reason) {
  auto& opsets = graph_->opsets;
  const auto it = std::ranges::find(opsets, domain, &OpsetImport::domain);
  if (it != opsets.end()) {
    it->version = version;
  } else {
    opsets.push_back({domain, version});
  }
  for (Node& node : graph_->nodes) {
    if (node.op.domain == domain) node.op.version = static_cast<int>(version);
  }
  record({.kind = EditKind::set_opset, .reason = std::move(reason), .key = std::move(domain)});
}

void EditLog::set_ir_version(int64_t version, std::string reason) {
  graph_->ir_version = version;
  record({.kind = EditKind::set_ir_version, .reason = std::move(reason)});
}

void EditLog::drop_graph_input(ScopeId scope, ValueId value, std::string reason) {
  std::erase((*graph_)[scope].inputs, value);
  record({.kind = EditKind::drop_graph_input, .reason = std::move(reason), .value = value, .scope = scope});
}

void EditLog::set_graph_input(ScopeId scope, uint32_t slot, ValueId value, std::string reason) {
  (*graph_)[scope].inputs[slot] = value;
  record(
      {.kind = EditKind::set_graph_input, .reason = std::move(reason), .value = value, .scope = scope, .slot = slot});
}

void EditLog::set_graph_output(ScopeId scope, uint32_t slot, ValueId value, std::string reason) {
  (*graph_)[scope].outputs[slot] = value;
  record(
      {.kind = EditKind::set_graph_output, .reason = std::move(reason), .value = value, .scope = scope, .slot = slot});
}

void EditLog::set_metadata(std::string key, std::string value, std::string reason) {
  auto& metadata = graph_->metadata;
  const auto it = std::ranges::find(metadata, key, &Metadata::key);
  if (it != metadata.end()) {
    it->value = std::move(value);
  } else {
    metadata.push_back({key, std::move(value)});
  }
  record({.kind = EditKind::set_metadata, .reason = std::move(reason), .key = std::move(key)});
}

std::string EditLog::unique_name(const std::string& base) {
  if (names_.empty()) {
    for (const Value& value : graph_->values) names_.push_back(value.name);
    for (const Node& node : graph_->nodes) names_.push_back(node.name);
    std::ranges::sort(names_);
  }
  std::string name = base;
  for (int suffix = 1;; ++suffix) {
    const auto it = std::ranges::lower_bound(names_, name);
    if (it == names_.end() || *it != name) {
      names_.insert(it, name);
      return name;
    }
    name = base + "_" + std::to_string(suffix);
  }
}

namespace {

void add_sorted(std::vector<uint32_t>& slots, uint32_t slot) {
  const auto it = std::ranges::lower_bound(slots, slot);
  if (it == slots.end() || *it != slot) slots.insert(it, slot);
}

void add_once(std::vector<std::string>& keys, const std::string& key) {
  if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
}

}  // namespace

EditIndex::EditIndex(const EditLog& log)
    : nodes(log.graph().nodes.size()), values(log.graph().values.size()), scopes(log.graph().scopes.size()) {
  const Graph& g = log.graph();
  for (const Edit& edit : log.edits()) {
    switch (edit.kind) {
      case EditKind::insert_node:
        nodes[edit.node.index].inserted = true;
        break;
      case EditKind::drop_node:
        nodes[edit.node.index].dropped = true;
        break;
      case EditKind::set_input:
        add_sorted(nodes[edit.node.index].inputs, edit.slot);
        break;
      case EditKind::set_output:
        add_sorted(nodes[edit.node.index].outputs, edit.slot);
        break;
      case EditKind::set_attribute:
        add_once(nodes[edit.node.index].attributes, edit.key);
        break;
      case EditKind::set_version:
        nodes[edit.node.index].version_set = true;
        break;
      case EditKind::set_op:
        nodes[edit.node.index].op_set = true;
        break;
      case EditKind::add_constant:
        values[edit.value.index].constant_added = true;
        break;
      case EditKind::set_constant:
        values[edit.value.index].constant_set = true;
        break;
      case EditKind::drop_constant:
        // The last word: what was added or set before does not come into the file.
        values[edit.value.index] = {.constant_dropped = !values[edit.value.index].constant_added,
                                    .input_dropped = values[edit.value.index].input_dropped};
        break;
      case EditKind::set_type:
        values[edit.value.index].type_set = true;
        break;
      case EditKind::set_opset:
        add_once(opset_domains, edit.key);
        break;
      case EditKind::set_ir_version:
        ir_version_set = true;
        break;
      case EditKind::drop_graph_input:
        values[edit.value.index].input_dropped = true;
        break;
      case EditKind::set_graph_input:
        add_sorted(scopes[edit.scope.index].inputs, edit.slot);
        break;
      case EditKind::set_graph_output:
        add_sorted(scopes[edit.scope.index].outputs, edit.slot);
        break;
      case EditKind::set_metadata:
        add_once(metadata_keys, edit.key);
        break;
    }
    for (ScopeId scope = edit.scope; scope; scope = g[scope].parent) scopes[scope.index].changed = true;
  }
}

}  // namespace narrowcast
