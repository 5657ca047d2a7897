#include "passes/fold_affine_into_weights.h"

#include <algorithm>

#include "ops/eval.h"
#include "ops/lane.h"
#include "passes/float_constant.h"
#include "passes/infer_types.h"
#include "passes/replace_operand.h"

namespace narrowcast {
namespace {

class Folder {
 public:
  Folder(EditLog& log, const Files& files, std::vector<ops::ValueFact> facts)
      : log_(log), graph_(log.graph()), files_(files), facts_(std::move(facts)), uses_(collect_uses(graph_)) {}

  std::size_t fold() {
    std::size_t folded = 0;
    for (const Scope& scope : graph_.scopes) {
      const std::vector<NodeId> nodes = scope.nodes;
      for (const NodeId id : nodes) {
        while (fold_reader_of(id)) ++folded;
      }
    }
    return folded;
  }

 private:
  // The operands that a sum takes beside its data.
  struct Sum {
    uint32_t weight_slot = 0;
    uint32_t bias_slot = 0;
    ops::WeightAxes axes;
    std::vector<float> weight;
    std::vector<float> bias;  // as many as channels
  };

  bool fold_reader_of(NodeId id);
  [[nodiscard]] std::optional<Sum> sum_of(NodeId id, std::size_t channels) const;
  [[nodiscard]] std::optional<ops::ChannelAffine> affine_of(NodeId reader, ValueId value) const;
  [[nodiscard]] std::size_t channel_axis(NodeId id) const;
  void write(NodeId id, const Sum& sum, const std::string& reason);
  void replace(NodeId id, uint32_t slot, Shape shape, const std::vector<float>& floats, const std::string& reason);

  EditLog& log_;
  const Graph& graph_;
  const Files& files_;
  std::vector<ops::ValueFact> facts_;  // by value
  std::vector<std::vector<Use>> uses_;
};

std::size_t Folder::channel_axis(NodeId id) const {
  const ops::OpDef* op = ops::find_op(graph_[id].op);
  const auto& shape = facts_[graph_[id].outputs[0].index].type.shape;
  return op->absorbs == ops::Absorbs::along_axis_1 ? 1 : shape->size() - 1;
}

std::optional<ops::ChannelAffine> Folder::affine_of(NodeId reader, ValueId value) const {
  const Node& node = graph_[reader];
  const ops::OpDef* op = ops::find_op(node.op);
  if (op == nullptr || op->affine == nullptr || node.outputs.size() != 1 || !node.outputs[0]) return std::nullopt;
  std::vector<std::optional<std::vector<float>>> floats(node.inputs.size());
  std::vector<ops::Tensor> tensors(node.inputs.size());
  std::vector<const ops::Tensor*> pointers(node.inputs.size(), nullptr);
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (!node.inputs[i]) continue;
    floats[i] = float_constant(files_, graph_[node.inputs[i]]);
    if (!floats[i]) continue;
    tensors[i].dtype = DType::f32;
    tensors[i].shape = graph_[node.inputs[i]].constant->shape;
    tensors[i].data = reinterpret_cast<const uint8_t*>(floats[i]->data());
    pointers[i] = &tensors[i];
  }
  const auto& shape = facts_[value.index].type.shape;
  const std::size_t axis = channel_axis(graph_[value].producer);
  const auto slot = static_cast<std::size_t>(std::ranges::find(node.inputs, value) - node.inputs.begin());
  return op->affine({node.op, pointers, slot, shape->size(), axis, static_cast<std::size_t>((*shape)[axis])});
}

std::optional<Folder::Sum> Folder::sum_of(NodeId id, std::size_t channels) const {
  const Node& node = graph_[id];
  std::vector<TensorType> operands;
  for (const ValueId input : node.inputs) operands.push_back(input ? facts_[input.index].type : TensorType{});
  const ops::Rule rule = ops::find_op(node.op)->rule({node.op, operands});
  const auto bias = std::ranges::find(rule.operands, ops::Role::bias, &ops::OperandRule::role);
  if (bias == rule.operands.end() || rule.operands.size() < 2 || rule.operands[1].role != ops::Role::weight) {
    return std::nullopt;
  }
  Sum sum{.weight_slot = 1, .bias_slot = static_cast<uint32_t>(bias - rule.operands.begin())};
  sum.axes = rule.operands[1].axes;
  const Value& weight = graph_[node.inputs[1]];
  auto floats = float_constant(files_, weight);
  if (!floats) return std::nullopt;
  sum.weight = std::move(*floats);
  const Shape& shape = weight.constant->shape;
  if (static_cast<std::size_t>(sum.axes.channel) >= shape.size() ||
      shape[static_cast<std::size_t>(sum.axes.channel)] != static_cast<int64_t>(channels)) {
    return std::nullopt;
  }
  sum.bias.assign(channels, 0.0F);
  if (sum.bias_slot < node.inputs.size() && node.inputs[sum.bias_slot]) {
    auto given = float_constant(files_, graph_[node.inputs[sum.bias_slot]]);
    if (!given || given->size() != channels) return std::nullopt;
    sum.bias = std::move(*given);
  }
  return sum;
}

// Folds the only reader of what the node makes; false when it is no factor and shift.
bool Folder::fold_reader_of(NodeId id) {
  const Node& node = graph_[id];
  const ops::OpDef* op = ops::find_op(node.op);
  if (op == nullptr || op->folds_affine == nullptr || !op->folds_affine(node.op) || op->rule == nullptr) return false;
  if (node.dropped || node.outputs.size() != 1 || !node.outputs[0] || node.inputs.size() < 2 || !node.inputs[1]) {
    return false;
  }
  if (node.op.float_or("alpha", 1) != 1 || node.op.float_or("beta", 1) != 1) return false;
  const ValueId value = node.outputs[0];
  const auto& shape = facts_[value.index].type.shape;
  const auto& readers = uses_[value.index];
  if (!shape || shape->size() < 2 || readers.size() != 1 || !readers[0].node) return false;
  const int64_t channels = (*shape)[channel_axis(id)];
  const NodeId reader = readers[0].node;
  if (channels <= 0 || graph_[reader].scope != node.scope) return false;
  const auto affine = affine_of(reader, value);
  auto sum = affine ? sum_of(id, static_cast<std::size_t>(channels)) : std::nullopt;
  if (!sum) return false;
  const auto inner = static_cast<std::size_t>(
      element_count(Shape(graph_[node.inputs[1]].constant->shape.begin() + sum->axes.channel + 1,
                          graph_[node.inputs[1]].constant->shape.end())));
  const auto count = static_cast<std::size_t>(channels);
  for (std::size_t i = 0; i < sum->weight.size(); ++i) sum->weight[i] *= affine->scale[i / inner % count];
  for (std::size_t c = 0; c < count; ++c) sum->bias[c] = sum->bias[c] * affine->scale[c] + affine->shift[c];
  const std::string reason = "'" + graph_.label(reader) + "' is a factor and a shift by channel";
  write(id, *sum, reason);
  const ValueId result = graph_[reader].outputs[0];
  log_.set_output(reader, 0, value, reason);
  log_.set_output(id, 0, result, reason);
  log_.drop_node(reader, reason);
  return true;
}

void Folder::write(NodeId id, const Sum& sum, const std::string& reason) {
  replace(id, sum.weight_slot, graph_[graph_[id].inputs[sum.weight_slot]].constant->shape, sum.weight, reason);
  replace(id, sum.bias_slot, {static_cast<int64_t>(sum.bias.size())}, sum.bias, reason);
}

void Folder::replace(NodeId id, uint32_t slot, Shape shape, const std::vector<float>& floats,
                     const std::string& reason) {
  const ValueId old = slot < graph_[id].inputs.size() ? graph_[id].inputs[slot] : ValueId();
  const std::size_t readers = old ? uses_[old.index].size() : 0;
  const ValueId made = replace_operand(log_, id, slot, readers, std::move(shape), floats, reason);
  if (made == old) return;
  uses_.resize(graph_.values.size());
  uses_[made.index].push_back({id, slot, graph_[id].scope});
  facts_.resize(graph_.values.size());
  facts_[made.index].type = graph_[made].type;
}

}  // namespace

Result<std::size_t> fold_affine_into_weights(EditLog& log, const Files& files) {
  NC_TRY(std::vector<ops::ValueFact> facts, infer_types(log.graph(), files));
  return Folder(log, files, std::move(facts)).fold();
}

}  // namespace narrowcast
