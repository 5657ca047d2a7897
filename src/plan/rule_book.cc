#include "plan/rule_book.h"

#include <algorithm>
#include <array>

namespace narrowcast {
namespace {

struct LayerType {
  std::string_view layer;  // of torch.nn
  std::string_view op;     // what exporters make of it
};

constexpr std::array kLayerTypes{
    LayerType{"Linear", "MatMul"}, LayerType{"Linear", "Gemm"},      LayerType{"Linear", "FULLY_CONNECTED"},
    LayerType{"Conv1d", "Conv"},   LayerType{"Conv2d", "Conv"},      LayerType{"Conv2d", "CONV_2D"},
    LayerType{"Conv3d", "Conv"},   LayerType{"Embedding", "Gather"}, LayerType{"Embedding", "EMBEDDING_LOOKUP"}};

// A path with dots between its parts and none in front.
std::string dotted(std::string_view name) {
  std::string path(name.substr(std::min(name.find_first_not_of('/'), name.size())));
  std::ranges::replace(path, '/', '.');
  return path;
}

// The nodes that are computed before others come first in a scope, but for files that are not sorted: those get the
// depth of what is known by then.
std::vector<int> find_depths(const Graph& graph) {
  std::vector<int> depth(graph.nodes.size(), 0);
  for (const Scope& scope : graph.scopes) {
    for (const NodeId id : scope.nodes) {
      for (const ValueId input : graph[id].inputs) {
        if (!input || !graph[input].producer || graph[graph[input].producer].scope != graph[id].scope) continue;
        depth[id.index] = std::max(depth[id.index], depth[graph[input].producer.index] + 1);
      }
    }
  }
  return depth;
}

template <typename T>
void set(T& to, const auto& from) {
  if (from) to = *from;
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view name) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return name_matches(pattern, name); });
}

}  // namespace

bool name_matches(std::string_view pattern, std::string_view name) {
  if (glob_matches(pattern, name)) return true;
  const std::string path = dotted(name);
  const std::string wanted = dotted(pattern);
  return !wanted.empty() && (glob_matches(wanted, path) || glob_matches(wanted + ".*", path));
}

bool op_type_matches(std::string_view type, const RawOp& op) {
  return type == op.type || std::ranges::any_of(kLayerTypes, [&](const LayerType& known) {
           return known.layer == type && known.op == op.type;
         });
}

RuleBook::RuleBook(const Graph& graph, const Recipe& recipe)
    : graph_(graph), recipe_(recipe), depth_(find_depths(graph)) {
  if (!depth_.empty()) deepest_ = *std::ranges::max_element(depth_);
}

bool RuleBook::matches(const NodeRule& rule, NodeId id, std::string_view weight) const {
  const RawOp& op = graph_[id].op;
  const auto is_op = [&](const std::string& type) { return op_type_matches(type, op); };
  if (!rule.op_types.empty() && std::ranges::none_of(rule.op_types, is_op)) return false;
  if (!rule.names.empty() && !any_matches(rule.names, graph_.label(id)) &&
      (weight.empty() || !any_matches(rule.names, weight))) {
    return false;
  }
  if (!rule.depth) return true;
  const auto from_front = [&](int depth) { return depth < 0 ? deepest_ + 1 + depth : depth; };
  const int depth = depth_[id.index];
  return depth >= from_front(rule.depth->first) && depth <= from_front(rule.depth->last);
}

std::string RuleBook::why_not_selected(NodeId id, std::string_view weight) const {
  const RawOp& op = graph_[id].op;
  const std::string label = graph_.label(id);
  const auto is_named = [&](const std::vector<std::string>& patterns) {
    return any_matches(patterns, label) || (!weight.empty() && any_matches(patterns, weight));
  };
  const auto is_op = [&](const std::string& type) { return op_type_matches(type, op); };
  if (!recipe_.op_types.empty() && std::ranges::none_of(recipe_.op_types, is_op)) {
    return "op type " + op.type + " is not among the chosen ones";
  }
  if (!recipe_.only.empty() && !is_named(recipe_.only)) return "not among the chosen names";
  if (is_named(recipe_.exclude)) return "excluded by name";
  std::string why;
  for (std::size_t i = 0; i < recipe_.rules.size(); ++i) {
    const NodeRule& rule = recipe_.rules[i];
    if (!rule.in_float || !matches(rule, id, weight)) continue;
    why = *rule.in_float ? "rule " + std::to_string(i + 1) + " of the recipe keeps it in float" : "";
  }
  return why;
}

WeightSettings RuleBook::settings(NodeId id, std::string_view weight) const {
  WeightSettings settings{recipe_.weights, recipe_.per_channel, recipe_.block_size, recipe_.reduce_range};
  for (const NodeRule& rule : recipe_.rules) {
    if (!matches(rule, id, weight)) continue;
    set(settings.weights, rule.weights);
    set(settings.per_channel, rule.per_channel);
    set(settings.block_size, rule.block_size);
    set(settings.reduce_range, rule.reduce_range);
  }
  return settings;
}

ValueRule RuleBook::of_value(ValueId value) const {
  ValueRule all;
  for (const ValueRule& rule : recipe_.values) {
    if (!any_matches(rule.names, graph_[value].name)) continue;
    if (rule.min) all.min = rule.min;
    if (rule.max) all.max = rule.max;
    if (rule.symmetric) all.symmetric = rule.symmetric;
  }
  return all;
}

std::vector<std::string> RuleBook::warnings() const {
  std::vector<std::string> warnings;
  const auto any_node = [&](auto fits) {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (graph_.nodes[i].dropped) continue;
      if (fits(NodeId(i), "")) return true;
      const auto reads = [&](ValueId input) {
        return input && graph_[input].constant && fits(NodeId(i), graph_[input].name);
      };
      if (std::ranges::any_of(graph_.nodes[i].inputs, reads)) return true;
    }
    return false;
  };
  const auto check_names = [&](std::string_view key, const std::vector<std::string>& patterns) {
    for (const std::string& pattern : patterns) {
      const auto fits = [&](NodeId id, std::string_view weight) {
        return name_matches(pattern, weight.empty() ? std::string_view(graph_.label(id)) : weight);
      };
      if (!any_node(fits)) {
        warnings.push_back("No node and no weight is called '" + pattern + "', which '" + std::string(key) +
                           "' names.");
      }
    }
  };
  check_names("only", recipe_.only);
  check_names("exclude", recipe_.exclude);
  for (std::size_t i = 0; i < recipe_.rules.size(); ++i) {
    const auto fits = [&](NodeId id, std::string_view weight) { return matches(recipe_.rules[i], id, weight); };
    if (!any_node(fits)) warnings.push_back("Rule " + std::to_string(i + 1) + " of the recipe fits no node.");
  }
  for (const ValueRule& rule : recipe_.values) {
    const auto fits = [&](const Value& value) { return any_matches(rule.names, value.name); };
    if (std::ranges::none_of(graph_.values, fits)) {
      warnings.push_back("No value is called '" + rule.names.front() + "', whose range the recipe sets.");
    }
  }
  return warnings;
}

}  // namespace narrowcast
