#include "plan/integer_planner.h"

#include <algorithm>
#include <optional>

#include "kernels/scale/scale.h"
#include "plan/cut.h"
#include "plan/equalize.h"
#include "plan/integer_nodes.h"
#include "plan/slowdown.h"
#include "plan/whole_in_integers.h"

namespace narrowcast {
namespace {

constexpr std::string_view kUnseen = "no sample reached it, so its range is not known";
constexpr std::string_view kInserted = "a newer opset spells it with a step between, whose range no sample shows";

// The whole interval of a type, or, where zero points lie in the middle, the half-open one around it.
kernels::CodeRange codes_of(DType dtype, bool is_symmetric) {
  switch (dtype) {
    case DType::u16:
      return kernels::kU16;
    case DType::i16:
      return is_symmetric ? kernels::kI16Narrow : kernels::kI16;
    case DType::i8:
      return is_symmetric ? kernels::kI8Narrow : kernels::kI8;
    default:
      return kernels::kU8;
  }
}

class IntegerPlanner {
 public:
  IntegerPlanner(const PlanContext& context, const Target& target)
      : context_(context),
        graph_(context.graph()),
        target_(target),
        activations_(context.recipe.activations.value_or(target.activations)),
        formula_(chosen_formula(context.recipe, context.capability.is_tflite)),
        nodes_(context, target, context.recipe.mode == Mode::integer_only ? Placing::widest : context.recipe.placement),
        equalizer_(context, target, nodes_) {}

  std::vector<ValueId> watch();
  Result<Plan> plan(const KnownRanges& ranges);

 private:
  [[nodiscard]] bool is_activation(ValueId value) const {
    return !graph_[value].constant && nodes_.is_coded(value) && !nodes_.vanishes(value);
  }
  [[nodiscard]] ValueId like(ValueId value) const;
  void list_activations();
  [[nodiscard]] bool is_fixed(ValueId value) const;
  [[nodiscard]] bool is_given(ValueId value) const;
  void leave_unseen(const KnownRanges& ranges);
  Status choose_ranges(const KnownRanges& ranges);
  void choose_range(ActivationPlan& activation) const;
  [[nodiscard]] bool is_symmetric(const ActivationPlan& activation) const {
    return context_.rules.of_value(activation.like).symmetric.value_or(context_.recipe.symmetric);
  }
  void equalize(const KnownRanges& ranges);
  void plan_constants();
  void plan_constant(NodeId node, uint32_t slot);
  void judge_nodes();
  void open_borders();

  const PlanContext& context_;
  const Graph& graph_;
  const Target& target_;
  DType activations_;
  kernels::Formula formula_;
  IntegerNodes nodes_;
  Equalizer equalizer_;
  std::vector<int> weight_of_;  // by value: index into plan_.weights, or -1
  Plan plan_;
};

// An op that selects gives its results the first operand's parameters.
ValueId IntegerPlanner::like(ValueId value) const {
  for (;;) {
    const NodeId producer = graph_[value].producer;
    if (!producer) return value;
    const NodeChoice& choice = nodes_.of(producer);
    const bool selects = choice.op != nullptr && choice.op->kind == KernelKind::selects;
    // quantize_static has averages share the scale of what they are averages of (onnx.md 1.4).
    const bool shares = context_.recipe.formula == FormulaChoice::ort && graph_[producer].op.type == "AveragePool";
    if (choice.fate != NodeFate::integer || (!selects && !shares)) return value;
    value = graph_[producer].inputs[0];
  }
}

void IntegerPlanner::list_activations() {
  plan_.activations.clear();
  for (std::size_t i = 0; i < graph_.values.size(); ++i) {
    const ValueId value(i);
    if (!is_activation(value)) continue;
    ActivationPlan activation{.value = value, .like = like(value), .dtype = activations_};
    activation.maker = nodes_.maker(value);
    if (activation.maker && activation.maker != graph_[value].producer) activation.absorbed = graph_[value].producer;
    for (const Use& use : context_.uses.readers(value)) {
      if (activation.maker || nodes_.reads_codes(use)) activation.readers.push_back(use);
    }
    activation.anchor = context_.first_reader(graph_[value].scope, activation.readers);
    plan_.activations.push_back(std::move(activation));
  }
}

std::vector<ValueId> IntegerPlanner::watch() {
  list_activations();
  std::vector<ValueId> values;
  for (const ActivationPlan& activation : plan_.activations) {
    if (activation.like == activation.value) values.push_back(activation.value);
  }
  return values;
}

// Where quantize_static looks at no sample: it takes 0..1 for granted of a Softmax (onnx.md 1.2, range propagation).
bool IntegerPlanner::is_fixed(ValueId value) const {
  const NodeId producer = graph_[value].producer;
  return context_.recipe.formula == FormulaChoice::ort && producer && graph_[producer].op.type == "Softmax";
}

// The recipe states both ends, or its formula does, so that no sample needs to.
bool IntegerPlanner::is_given(ValueId value) const {
  const ValueRule rule = context_.rules.of_value(value);
  return (rule.min && rule.max) || is_fixed(value);
}

// Who makes or reads an activation that no sample reached stays in float, and so may what hung on it.
void IntegerPlanner::leave_unseen(const KnownRanges& ranges) {
  for (bool grows = true; grows;) {
    grows = false;
    for (const ActivationPlan& activation : plan_.activations) {
      if (range_of(ranges, activation.like) || is_given(activation.like)) continue;
      grows = true;
      const std::string_view why = activation.like.index < ranges.size() ? kUnseen : kInserted;
      if (const NodeId maker = nodes_.maker(activation.like)) nodes_.leave(maker, why);
      for (const Use& use : context_.uses.readers(activation.like)) {
        if (nodes_.reads_codes(use)) nodes_.leave(use.node, why);
      }
    }
    if (grows) list_activations();
  }
}

Status IntegerPlanner::choose_ranges(const KnownRanges& ranges) {
  const bool any = std::ranges::any_of(ranges, [](const auto& range) { return range.has_value(); });
  const auto given = [&](const ActivationPlan& activation) { return is_given(activation.like); };
  if (!any && !std::ranges::any_of(plan_.activations, given) && !plan_.activations.empty()) {
    return fail(ErrorCode::calibration,
                "No range is known of any activation: calibrate the model with this recipe on samples of its input.",
                graph_[plan_.activations.front().like].name);
  }
  leave_unseen(ranges);
  for (ActivationPlan& activation : plan_.activations) {
    activation.calibrated = range_of(ranges, activation.like).value_or(calib::Range{});
    choose_range(activation);
  }
  return {};
}

// What the op before cannot leave, and what an absorbed clamp cuts off, needs no codes.
void IntegerPlanner::choose_range(ActivationPlan& activation) const {
  calib::Range range = activation.calibrated;
  const auto cut = [&](const ops::Interval& bounds) {
    range = {std::max(range.min, bounds.min), std::min(range.max, bounds.max)};
  };
  const NodeId producer = graph_[activation.like].producer;
  const ops::OpDef* op = producer ? ops::find_op(graph_[producer].op) : nullptr;
  if (op != nullptr && op->bounds) cut(*op->bounds);
  if (is_fixed(activation.like)) range = {0, 1};
  const ValueRule rule = context_.rules.of_value(activation.like);
  range = {rule.min.value_or(range.min), rule.max.value_or(range.max)};
  if (producer && nodes_.of(producer).fate == NodeFate::absorbed) cut(nodes_.of(producer).clamp);
  activation.chosen = {std::min(range.min, 0.0F), std::max(range.max, 0.0F)};
  const bool symmetric = is_symmetric(activation);
  // torch's formula is one of weights: its activations are quantized as they come.
  const auto formula = formula_ == kernels::Formula::torch ? kernels::Formula::ort : formula_;
  const auto found = kernels::compute_scale_zero_point(range.min, range.max, codes_of(activation.dtype, symmetric),
                                                       symmetric, formula);
  activation.scale = static_cast<float>(found.scale);
  activation.zero_point = found.zero_point;
}

void IntegerPlanner::equalize(const KnownRanges& ranges) {
  // A formula that is asked for is asked for to get another tool's codes.
  if (!context_.recipe.equalize || context_.recipe.formula != FormulaChoice::automatic) return;
  std::vector<bool> is_shared(graph_.values.size(), false);
  for (const ActivationPlan& activation : plan_.activations) {
    if (activation.like != activation.value) is_shared[activation.like.index] = true;
  }
  for (ActivationPlan& activation : plan_.activations) {
    const calib::ChannelRanges* channels = channels_of(ranges, activation.value);
    if (channels == nullptr || is_shared[activation.value.index]) continue;
    const bool symmetric = is_symmetric(activation);
    equalizer_.equalize(activation, *channels, codes_of(activation.dtype, symmetric), symmetric);
  }
}

void IntegerPlanner::plan_constants() {
  weight_of_.assign(graph_.values.size(), -1);
  for (const Scope& scope : graph_.scopes) {
    for (const NodeId id : scope.nodes) {
      if (nodes_.of(id).fate != NodeFate::integer) continue;
      for (const uint32_t slot : nodes_.of(id).stored) plan_constant(id, slot);
    }
  }
}

void IntegerPlanner::plan_constant(NodeId id, uint32_t slot) {
  const Node& node = graph_[id];
  const ValueId source = node.inputs[slot];
  const Shape& shape = graph_[source].constant->shape;
  const bool is_weight = context_.uses.role(id, slot) == ops::Role::weight;
  if (weight_of_[source.index] < 0) {
    weight_of_[source.index] = static_cast<int>(plan_.weights.size());
    WeightPlan weight{.source = source};
    const WeightSettings settings = context_.rules.settings(id, graph_[source].name);
    weight.dtype = is_weight ? settings.weights : activations_;
    weight.formula = formula_;
    weight.is_symmetric = is_weight ? weight.dtype == DType::i8 : context_.recipe.symmetric;
    weight.reduce_range = is_weight && (settings.reduce_range || target_.reduce_range);
    weight.says_zero_point = true;
    weight.readers = context_.uses.readers(source);
    weight.anchor = context_.first_reader(graph_[source].scope, weight.readers);
    const auto uses = context_.uses.of(source);
    // A product takes one scale a column of its second operand, when that is a matrix.
    const bool by_channel = is_weight && slot == 1 && !uses.empty() && (node.op.type != "MatMul" || shape.size() == 2);
    cut_channels(shape, by_channel ? uses.front().axes : std::nullopt, by_channel && settings.per_channel, weight);
    if (slot == 1) {
      weight.factors = equalizer_.of(id).weight;
      weight.result_factors = equalizer_.of(id).result;
    }
    plan_.weights.push_back(std::move(weight));
    plan_.constants.push_back({source, Verdict::quantized, ""});
  }
  constexpr uint32_t kBias = 2;
  if (is_weight && node.inputs.size() > kBias && node.inputs[kBias]) {
    auto& weight = plan_.weights[static_cast<std::size_t>(weight_of_[source.index])];
    const ValueId activation = node.inputs[nodes_.of(id).data.front()];
    const auto plan = std::ranges::find(plan_.activations, activation, &ActivationPlan::value);
    weight.biases.push_back({{id, kBias, node.scope},
                             node.inputs[kBias],
                             plan->scale,
                             context_.uses.readers(node.inputs[kBias]).size() > 1});
  }
}

void IntegerPlanner::judge_nodes() {
  for (const Scope& scope : graph_.scopes) {
    for (const NodeId id : scope.nodes) {
      if (graph_[id].op.type == "Constant") continue;
      const NodeChoice& choice = nodes_.of(id);
      NodeVerdict verdict{id, Verdict::left_float, target_.name + ": " + choice.reason, {}};
      if (choice.fate == NodeFate::integer) {
        verdict.verdict = Verdict::quantized;
        verdict.reason = target_.name + ": " + choice.op->kernel;
        if (!choice.stored.empty()) verdict.weight = graph_[id].inputs[choice.stored.front()];
      } else if (choice.fate == NodeFate::absorbed) {
        verdict.verdict = Verdict::quantized;
        verdict.reason = "the codes of the op before it end where it clamps";
      }
      plan_.nodes.push_back(std::move(verdict));
    }
  }
}

// Inputs that are read as codes alone, and outputs that are made in codes, can hold them.
void IntegerPlanner::open_borders() {
  const bool wanted =
      context_.recipe.mode == Mode::integer_only || context_.recipe.io.value_or(DType::f32) != DType::f32;
  if (!wanted || graph_.scopes.empty()) return;
  const auto open = [&](ValueId value, bool fits) {
    if (context_.type(value).dtype != DType::f32) return;
    const auto found = std::ranges::find(plan_.activations, value, &ActivationPlan::value);
    if (found != plan_.activations.end() && fits) {
      found->at_border = true;
    } else {
      plan_.warnings.push_back("'" + graph_[value].name + "' stays float32: not all of it is in integers.");
    }
  };
  const Scope& scope = graph_.scopes.front();
  for (const ValueId input : scope.inputs) {
    open(input,
         std::ranges::all_of(context_.uses.readers(input), [&](const Use& use) { return nodes_.reads_codes(use); }));
  }
  for (const ValueId output : scope.outputs) open(output, nodes_.is_made(output));
}

Result<Plan> IntegerPlanner::plan(const KnownRanges& ranges) {
  plan_.recipe = context_.recipe;
  list_activations();
  NC_CHECK(choose_ranges(ranges));
  open_borders();
  equalize(ranges);
  plan_constants();
  judge_nodes();
  NC_CHECK(check_whole_in_integers(context_, plan_));
  if (const Target* other = find_target(target_.also_runs_on, "onnx"); other != nullptr) {
    std::string warning = slowdown_warning(context_, nodes_, *other);
    if (!warning.empty()) plan_.warnings.push_back(std::move(warning));
  }
  return std::move(plan_);
}

Status check_types(const Recipe& recipe) {
  const auto is_narrow = [](DType dtype) { return dtype_bits(dtype) != 8; };
  const auto narrows = [&](const NodeRule& rule) { return rule.weights && is_narrow(*rule.weights); };
  if (is_narrow(recipe.weights) || std::ranges::any_of(recipe.rules, narrows)) {
    return fail(ErrorCode::usage, "The integer modes multiply 8-bit integers: choose int8 or uint8.", "weights");
  }
  return {};
}

Result<const Target*> target_of(const PlanContext& context) {
  const Target* target = find_target(context.recipe.target, "onnx");
  if (target == nullptr)
    return fail(ErrorCode::usage, "Target '" + context.recipe.target + "' runs no ONNX models.", "target");
  NC_CHECK(check_types(context.recipe));
  const DType activations = context.recipe.activations.value_or(target->activations);
  const std::optional<DType>& io = context.recipe.io;
  if (io && *io != DType::f32 && *io != activations) {
    return fail(ErrorCode::usage,
                "Inputs and outputs cannot be " + std::string(dtype_name(*io)) + ": for " + target->name +
                    " activations are " + std::string(dtype_name(activations)) +
                    ", and where the two differ the first and last ops would compute in float.",
                "io");
  }
  constexpr int64_t kFirstWithIntegerOps = 11;  // QLinearConv is of opset 10, and runtimes join no pairs before 11
  const int64_t opset = context.graph().opset("");
  if (opset < kFirstWithIntegerOps) {
    return fail(
        ErrorCode::unsupported,
        "Full-integer needs ONNX opset 11 or later, the model is of " + std::to_string(opset) +
            " and could not be raised: export it again with a later one, or choose dynamic-range or weight-only.",
        "mode");
  }
  return target;
}

}  // namespace

Result<std::vector<ValueId>> watch_for_integers(const PlanContext& context) {
  NC_TRY(const Target* target, target_of(context));
  return IntegerPlanner(context, *target).watch();
}

Result<Plan> plan_integers(const PlanContext& context, const KnownRanges& ranges) {
  NC_TRY(const Target* target, target_of(context));
  return IntegerPlanner(context, *target).plan(ranges);
}

}  // namespace narrowcast
