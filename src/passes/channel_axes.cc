#include "passes/channel_axes.h"

#include <algorithm>

namespace narrowcast {
namespace {

class Finder {
 public:
  Finder(const Graph& graph, const std::vector<ops::ValueFact>& facts)
      : graph_(graph), facts_(facts), uses_(collect_uses(graph)), axes_(graph.values.size(), 0) {}

  std::vector<ChannelAxis> find() {
    for (const Scope& scope : graph_.scopes) {
      for (const NodeId id : scope.nodes) seed(id);
    }
    while (!changed_.empty()) {
      const ValueId value = changed_.back();
      changed_.pop_back();
      if (graph_[value].producer) pass_on(graph_[value].producer, value);
      for (const Use& use : uses_[value.index]) {
        if (use.node) pass_on(use.node, value);
      }
    }
    return std::move(axes_);
  }

 private:
  // Nothing when the rank is not known.
  [[nodiscard]] std::optional<std::size_t> rank(ValueId value) const {
    const auto& shape = facts_[value.index].type.shape;
    return shape ? std::optional(shape->size()) : std::nullopt;
  }

  void set(ValueId value, ChannelAxis axis) {
    if (!value || graph_[value].constant || axes_[value.index] != 0) return;
    axes_[value.index] = axis;
    changed_.push_back(value);
  }

  void seed(NodeId id) {
    const Node& node = graph_[id];
    const ops::OpDef* op = ops::find_op(node.op);
    if (op == nullptr || node.inputs.empty() || node.outputs.empty()) return;
    const bool is_image = op->layouts == ops::Layouts::image;
    if (!is_image && !is_product(node, *op)) return;
    set(node.inputs[0], is_image ? 1 : -1);
    set(node.outputs[0], is_image ? 1 : -1);
  }

  // Data by a constant weight, summed over the data's last axis.
  [[nodiscard]] bool is_product(const Node& node, const ops::OpDef& op) const {
    if (op.rule == nullptr || node.inputs.size() < 2 || !node.inputs[1] || !graph_[node.inputs[1]].constant) {
      return false;
    }
    std::vector<TensorType> operands;
    for (const ValueId input : node.inputs) operands.push_back(input ? facts_[input.index].type : TensorType{});
    const ops::Rule rule = op.rule({node.op, operands});
    return rule.operands.size() > 1 && rule.operands[1].role == ops::Role::weight && node.op.int_or("transA", 0) == 0;
  }

  // What computes element by element has its channels where its operands of the same rank have theirs.
  void pass_on(NodeId id, ValueId from) {
    const Node& node = graph_[id];
    const ops::OpDef* op = ops::find_op(node.op);
    if (op == nullptr || (op->lane == nullptr && op->affine == nullptr) || node.outputs.size() != 1) return;
    const ValueId result = node.outputs[0];
    const auto its_rank = rank(from);
    if (!its_rank || rank(result) != its_rank) return;
    set(result, axes_[from.index]);
    for (const ValueId input : node.inputs) {
      if (input && rank(input) == its_rank) set(input, axes_[from.index]);
    }
  }

  const Graph& graph_;
  const std::vector<ops::ValueFact>& facts_;
  std::vector<std::vector<Use>> uses_;
  std::vector<ChannelAxis> axes_;
  std::vector<ValueId> changed_;
};

}  // namespace

std::vector<ChannelAxis> channel_axes(const Graph& graph, const std::vector<ops::ValueFact>& facts) {
  return Finder(graph, facts).find();
}

}  // namespace narrowcast
