// What a recipe says of one node, weight or value, its rules taken together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"
#include "plan/recipe.h"

namespace narrowcast {

// How the weights of a node are narrowed.
struct WeightSettings {
  DType weights = DType::i8;
  bool per_channel = true;
  int block_size = 32;
  bool reduce_range = false;

  friend bool operator==(const WeightSettings&, const WeightSettings&) = default;
};

class RuleBook {
 public:
  RuleBook(const Graph& graph, const Recipe& recipe);

  // Why the recipe leaves a node alone, or the `weight` that it reads; empty when it does not.
  [[nodiscard]] std::string why_not_selected(NodeId node, std::string_view weight) const;
  // The recipe's settings, and of the rules that match the last that sets each.
  [[nodiscard]] WeightSettings settings(NodeId node, std::string_view weight) const;
  // What the recipe says of a value; the last word counts, part by part.
  [[nodiscard]] ValueRule of_value(ValueId value) const;
  // Of names, rules and overrides that fit nothing in the graph.
  [[nodiscard]] std::vector<std::string> warnings() const;

 private:
  [[nodiscard]] bool matches(const NodeRule& rule, NodeId node, std::string_view weight) const;

  const Graph& graph_;
  const Recipe& recipe_;
  std::vector<int> depth_;  // by node: the longest way from an input of its graph, in nodes; its first nodes have 0
  int deepest_ = 0;
};

// By glob; a name also stands for all that lies inside it, as "encoder.layer.0" does for
// "encoder.layer.0.query.weight" and "/encoder/layer.0/MatMul": `/` and `.` are the same here.
bool name_matches(std::string_view pattern, std::string_view name);

// An op type, or a PyTorch layer type: Linear, Conv1d, Conv2d, Conv3d, Embedding.
bool op_type_matches(std::string_view type, const RawOp& op);

}  // namespace narrowcast
