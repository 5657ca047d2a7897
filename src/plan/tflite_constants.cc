#include "plan/tflite_constants.h"

#include <algorithm>

#include "plan/cut.h"

namespace narrowcast {
namespace {

class ConstantPlanner {
 public:
  ConstantPlanner(const PlanContext& context, const Target& target, const TfliteNodes& nodes,
                  const TfliteScales& scales, Plan& plan)
      : context_(context),
        graph_(context.graph()),
        target_(target),
        nodes_(nodes),
        scales_(scales),
        plan_(plan),
        params_of_(graph_.values.size(), -1),
        last_of_(graph_.values.size(), -1) {
    for (std::size_t i = 0; i < plan.activations.size(); ++i) {
      int& params = params_of_[plan.activations[i].like.index];
      if (params < 0) params = static_cast<int>(i);
    }
  }

  void plan();

 private:
  // The activation whose scale and zero point the node's operand or result has.
  [[nodiscard]] const ActivationPlan& params(ValueId root) const {
    return plan_.activations[static_cast<std::size_t>(params_of_[root.index])];
  }
  void plan_operand(NodeId id, const ConstantOperand& operand);
  [[nodiscard]] WeightPlan cut(NodeId id, const ConstantOperand& operand) const;
  void plan_bias(NodeId id, WeightPlan& weight);
  void settle(WeightPlan& weight) const;

  const PlanContext& context_;
  const Graph& graph_;
  const Target& target_;
  const TfliteNodes& nodes_;
  const TfliteScales& scales_;
  Plan& plan_;
  std::vector<int> params_of_;  // by value: index of an activation that has its parameters, or -1
  std::vector<int> last_of_;    // by value: index of the latest plan of its codes, or -1
};

bool same_codes(const WeightPlan& a, const WeightPlan& b) {
  return a.source == b.source && a.dtype == b.dtype && a.cut == b.cut && a.axis == b.axis &&
         a.is_symmetric == b.is_symmetric && a.given == b.given;
}

WeightPlan ConstantPlanner::cut(NodeId id, const ConstantOperand& operand) const {
  const Node& node = graph_[id];
  const bool is_weight = context_.uses.role(id, operand.slot) == ops::Role::weight;
  WeightPlan weight{.source = operand.source};
  weight.dtype = is_weight ? nodes_.of(id).op->weights : target_.activations;
  weight.form = WeightForm::codes;
  weight.is_symmetric = is_weight || target_.activations == DType::i16;
  const WeightSettings settings = context_.rules.settings(id, graph_[operand.source].name);
  const bool is_narrow = is_weight && settings.weights == DType::i4 && nodes_.of(id).op->int4;
  if (is_narrow) weight.dtype = DType::i4;
  weight.formula = chosen_formula(context_.recipe, /*is_tflite=*/true);
  weight.reduce_range = is_weight && settings.reduce_range;
  const Shape& shape = graph_[operand.source].constant->shape;
  std::optional<ops::WeightAxes> axes;
  if (is_weight && (is_narrow || (settings.per_channel && nodes_.of(id).op->per_channel))) {
    axes = context_.uses.rule(id).operands[operand.slot].axes;
    if (axes->channel >= static_cast<int>(shape.size())) axes.reset();
  }
  cut_channels(shape, axes, axes.has_value(), weight);
  if (nodes_.of(id).op->kind == KernelKind::joins) {
    const ActivationPlan& like = params(scales_.root(node.outputs.front()));
    weight.given = CodeParams{like.scale, like.zero_point};
  }
  return weight;
}

void ConstantPlanner::plan_operand(NodeId id, const ConstantOperand& operand) {
  WeightPlan wanted = cut(id, operand);
  int& last = last_of_[operand.source.index];
  // A bias with scales of its own may raise those of its weight: then codes are not shared.
  const bool has_bias = nodes_.of(id).bias && context_.uses.role(id, operand.slot) == ops::Role::weight;
  const WeightPlan* before = last < 0 ? nullptr : &plan_.weights[static_cast<std::size_t>(last)];
  if (before == nullptr || has_bias || !before->biases.empty() || !same_codes(*before, wanted)) {
    last = static_cast<int>(plan_.weights.size());
    plan_.weights.push_back(std::move(wanted));
  }
  WeightPlan& weight = plan_.weights[static_cast<std::size_t>(last)];
  weight.readers.push_back({id, operand.slot, graph_[id].scope});
  if (has_bias) plan_bias(id, weight);
}

void ConstantPlanner::plan_bias(NodeId id, WeightPlan& weight) {
  const TfliteChoice& choice = nodes_.of(id);
  const Use data{id, choice.data.front(), graph_[id].scope};
  weight.biases.push_back({{id, choice.bias->slot, graph_[id].scope},
                           choice.bias->source,
                           params(scales_.wanted(data)).scale,
                           nodes_.readers_of(choice.bias->source).size() > 1,
                           target_.activations == DType::i16 ? DType::i64 : DType::i32,
                           target_.states_bias_type});
}

// In place where its readers are all there are; else codes of their own, and the others keep the floats.
void ConstantPlanner::settle(WeightPlan& weight) const {
  weight.is_copy = nodes_.readers_of(weight.source).size() != weight.readers.size();
  weight.anchor = context_.first_reader(graph_[weight.source].scope, weight.readers);
}

void ConstantPlanner::plan() {
  for (const Scope& scope : graph_.scopes) {
    for (const NodeId id : scope.nodes) {
      if (!nodes_.of(id).in_integers) continue;
      for (const ConstantOperand& operand : nodes_.of(id).stored) plan_operand(id, operand);
    }
  }
  std::vector<bool> narrowed(graph_.values.size(), false);
  for (WeightPlan& weight : plan_.weights) {
    settle(weight);
    narrowed[weight.source.index] = true;
  }
  for (std::size_t i = 0; i < graph_.values.size(); ++i) {
    const auto& constant = graph_.values[i].constant;
    if (!constant || (constant->dtype != DType::f32 && constant->dtype != DType::f16)) continue;
    if (narrowed[i]) {
      plan_.constants.push_back({ValueId(i), Verdict::quantized, ""});
      continue;
    }
    const std::vector<Use> readers = nodes_.readers_of(ValueId(i));
    // Biases follow their op's weight.
    if (std::ranges::any_of(readers, [&](const Use& use) { return nodes_.takes_bias(use); })) continue;
    plan_.constants.push_back(
        {ValueId(i), Verdict::left_float, readers.empty() ? "nothing reads it" : "its ops compute in float"});
  }
}

}  // namespace

void plan_tflite_constants(const PlanContext& context, const Target& target, const TfliteNodes& nodes,
                           const TfliteScales& scales, Plan& plan) {
  ConstantPlanner(context, target, nodes, scales, plan).plan();
}

}  // namespace narrowcast
