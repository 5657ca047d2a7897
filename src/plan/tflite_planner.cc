#include "plan/tflite_planner.h"

#include <algorithm>

#include "kernels/scale/scale.h"
#include "plan/tflite_constants.h"
#include "plan/tflite_scales.h"
#include "plan/whole_in_integers.h"

namespace narrowcast {
namespace {

constexpr std::string_view kUnseen = "no sample reached it, so its range is not known";

class TflitePlanner {
 public:
  TflitePlanner(const PlanContext& context, Target target)
      : context_(context), graph_(context.graph()), target_(std::move(target)), nodes_(context, target_) {
    plan_.recipe = context.recipe;
  }

  std::vector<ValueId> watch();
  Result<Plan> plan(const KnownRanges& ranges);

 private:
  [[nodiscard]] bool opens_borders() const {
    return context_.recipe.mode == Mode::integer_only || context_.recipe.io.value_or(DType::f32) != DType::f32;
  }
  [[nodiscard]] bool holds_codes(ValueId input) const;
  [[nodiscard]] const TargetOp* fixed_row(ValueId root) const;
  void list_activations();
  void list_value(ValueId value);
  [[nodiscard]] bool is_given(ValueId value) const;
  void leave_unseen(const KnownRanges& ranges);
  Status choose_ranges(const KnownRanges& ranges);
  void choose_range(ActivationPlan& activation, const KnownRanges& ranges) const;
  void judge_nodes();
  [[nodiscard]] std::string weight_note(NodeId id) const;
  void open_outputs();

  const PlanContext& context_;
  const Graph& graph_;
  Target target_;
  TfliteNodes nodes_;
  std::optional<TfliteScales> scales_;
  Plan plan_;
};

// An input of the model that is to hold codes itself.
bool TflitePlanner::holds_codes(ValueId input) const {
  const auto& inputs = graph_.scopes.front().inputs;
  const auto& readers = context_.uses.readers(input);
  return opens_borders() && std::ranges::find(inputs, input) != inputs.end() && !readers.empty() &&
         std::ranges::all_of(readers, [&](const Use& use) { return nodes_.reads_codes(use); });
}

const TargetOp* TflitePlanner::fixed_row(ValueId root) const {
  const NodeId maker = nodes_.maker(root);
  return maker && nodes_.of(maker).op->fixed ? nodes_.of(maker).op : nullptr;
}

// A plan for each way in which the value's codes are wanted; the first one is that of its maker.
void TflitePlanner::list_value(ValueId value) {
  const NodeId maker = nodes_.maker(value);
  const bool at_border = !maker && holds_codes(value);
  std::vector<ActivationPlan> plans;
  const auto plan_like = [&](ValueId like) -> ActivationPlan& {
    const auto found = std::ranges::find(plans, like, &ActivationPlan::like);
    if (found != plans.end()) return *found;
    plans.push_back({.value = value, .like = like, .dtype = target_.activations});
    plans.back().is_requantized = plans.size() > 1 && (maker || at_border);
    return plans.back();
  };
  if (maker || at_border) plan_like(scales_->root(value)).maker = maker;
  std::vector<Use> in_float;
  for (const Use& use : context_.uses.readers(value)) {
    if (nodes_.reads_codes(use)) {
      plan_like(scales_->wanted(use)).readers.push_back(use);
    } else {
      in_float.push_back(use);
    }
  }
  if (plans.empty()) return;
  plans.front().at_border = at_border;
  if (maker || at_border) plans.front().float_readers = std::move(in_float);
  for (ActivationPlan& plan : plans) {
    plan.anchor = context_.first_reader(graph_[value].scope, plan.readers);
    plan_.activations.push_back(std::move(plan));
  }
}

void TflitePlanner::list_activations() {
  plan_.activations.clear();
  scales_.emplace(context_, nodes_);
  for (std::size_t i = 0; i < graph_.values.size(); ++i) {
    if (!graph_.values[i].constant) list_value(ValueId(i));
  }
}

std::vector<ValueId> TflitePlanner::watch() {
  list_activations();
  std::vector<bool> wanted(graph_.values.size(), false);
  for (const ActivationPlan& activation : plan_.activations) {
    if (fixed_row(activation.like) == nullptr) wanted[activation.like.index] = true;
  }
  std::vector<ValueId> values;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i]) values.emplace_back(i);
  }
  return values;
}

// The recipe states both ends, so that no sample needs to.
bool TflitePlanner::is_given(ValueId value) const {
  const ValueRule rule = context_.rules.of_value(value);
  return rule.min && rule.max;
}

// Who makes or reads an activation that no sample reached stays in float, and so may what hung on it.
void TflitePlanner::leave_unseen(const KnownRanges& ranges) {
  for (bool grows = true; grows;) {
    grows = false;
    for (const ActivationPlan& activation : plan_.activations) {
      if (range_of(ranges, activation.like) || fixed_row(activation.like) != nullptr || is_given(activation.like))
        continue;
      grows = true;
      if (activation.maker) nodes_.leave(activation.maker, std::string(kUnseen));
      for (const Use& use : activation.readers) nodes_.leave(use.node, std::string(kUnseen));
    }
    if (grows) list_activations();
  }
}

Status TflitePlanner::choose_ranges(const KnownRanges& ranges) {
  const bool any = std::ranges::any_of(ranges, [](const auto& range) { return range.has_value(); });
  const auto given = [&](const ActivationPlan& activation) { return is_given(activation.like); };
  if (!any && !plan_.activations.empty() && std::ranges::none_of(plan_.activations, given)) {
    return fail(ErrorCode::calibration,
                "No range is known of any activation: calibrate the model with this recipe on samples of its input.",
                graph_[plan_.activations.front().like].name);
  }
  leave_unseen(ranges);
  for (ActivationPlan& activation : plan_.activations) choose_range(activation, ranges);
  return {};
}

void TflitePlanner::choose_range(ActivationPlan& activation, const KnownRanges& ranges) const {
  const bool is_wide = target_.activations == DType::i16;
  const kernels::CodeRange codes = is_wide ? kernels::kI16 : kernels::kI8;
  const kernels::CodeRange narrow = is_wide ? kernels::kI16Narrow : kernels::kI8Narrow;
  if (const TargetOp* row = fixed_row(activation.like)) {
    activation.scale = row->fixed->scale;
    activation.zero_point = row->fixed->zero_point;
    activation.chosen = {activation.scale * static_cast<float>(codes.min - activation.zero_point),
                         activation.scale * static_cast<float>(codes.max - activation.zero_point)};
    activation.calibrated = activation.chosen;
    return;
  }
  activation.calibrated = range_of(ranges, activation.like).value_or(calib::Range{});
  calib::Range range = activation.calibrated;
  const NodeId producer = graph_[activation.like].producer;
  const ops::OpDef* op = producer ? ops::find_op(graph_[producer].op) : nullptr;
  if (op != nullptr && op->bounds) range = {std::max(range.min, op->bounds->min), std::min(range.max, op->bounds->max)};
  const ValueRule rule = context_.rules.of_value(activation.like);
  range = {rule.min.value_or(range.min), rule.max.value_or(range.max)};
  activation.chosen = {std::min(range.min, 0.0F), std::max(range.max, 0.0F)};
  // Its kernels know of no other zero point than 0 in int16.
  const bool is_symmetric = is_wide || rule.symmetric.value_or(context_.recipe.symmetric);
  // torch's formula is one of weights.
  const bool is_ort = context_.recipe.formula == FormulaChoice::ort;
  const auto found =
      kernels::compute_scale_zero_point(range.min, range.max, is_symmetric ? narrow : codes, is_symmetric,
                                        is_ort ? kernels::Formula::ort : kernels::Formula::tflite);
  activation.scale = static_cast<float>(found.scale);
  activation.zero_point = found.zero_point;
}

// What became of a wish for narrower weights.
std::string TflitePlanner::weight_note(NodeId id) const {
  const TfliteChoice& choice = nodes_.of(id);
  const ConstantOperand& first = choice.stored.front();
  if (context_.uses.role(id, first.slot) != ops::Role::weight) return "";
  if (context_.rules.settings(id, graph_[first.source].name).weights != DType::i4) return "";
  return choice.op->int4 ? ", weights in int4" : ", which takes no weights of int4: they are int8";
}

void TflitePlanner::judge_nodes() {
  for (const Scope& scope : graph_.scopes) {
    for (const NodeId id : scope.nodes) {
      const TfliteChoice& choice = nodes_.of(id);
      NodeVerdict verdict{id, Verdict::left_float, target_.name + ": " + choice.reason, {}};
      if (choice.in_integers) {
        verdict.verdict = Verdict::quantized;
        verdict.reason = target_.name + ": " + choice.op->kernel;
        if (!choice.stored.empty()) {
          verdict.weight = choice.stored.front().source;
          verdict.reason += weight_note(id);
        }
      } else if (nodes_.vanishes(id)) {
        verdict.verdict = Verdict::quantized;
        verdict.reason = "codes take the place of what it widens";
      }
      plan_.nodes.push_back(std::move(verdict));
    }
  }
}

// Outputs that are made in codes can hold them.
void TflitePlanner::open_outputs() {
  if (!opens_borders() || graph_.scopes.empty()) return;
  const auto warn = [&](ValueId value) {
    plan_.warnings.push_back("'" + graph_[value].name + "' stays float32: not all of it is in integers.");
  };
  for (const ValueId input : graph_.scopes.front().inputs) {
    if (context_.type(input).dtype == DType::f32 && !holds_codes(input)) warn(input);
  }
  for (const ValueId output : graph_.scopes.front().outputs) {
    if (context_.type(output).dtype != DType::f32) continue;
    const auto found = std::ranges::find(plan_.activations, output, &ActivationPlan::value);
    if (found == plan_.activations.end() || !found->maker) {
      warn(output);
    } else {
      found->at_border = true;
    }
  }
}

Result<Plan> TflitePlanner::plan(const KnownRanges& ranges) {
  list_activations();
  NC_CHECK(choose_ranges(ranges));
  plan_tflite_constants(context_, target_, nodes_, *scales_, plan_);
  judge_nodes();
  NC_CHECK(check_whole_in_integers(context_, plan_));
  open_outputs();
  return std::move(plan_);
}

Status check_weights(const Recipe& recipe, const Target& target) {
  std::vector<DType> asked{recipe.weights};
  for (const NodeRule& rule : recipe.rules) asked.push_back(rule.weights.value_or(DType::i8));
  for (const DType weights : asked) {
    if (weights != DType::i8 && weights != DType::i4) {
      return fail(ErrorCode::usage, "TFLite's integer kernels take weights of int8 or int4.", "weights");
    }
    if (weights == DType::i4 && !target.int4) {
      return fail(ErrorCode::unsupported, "Target '" + target.name + "' does not read weights of int4.", "weights");
    }
  }
  return {};
}

Status check_activations(const Recipe& recipe, const Target& target) {
  const DType activations = recipe.activations.value_or(DType::i8);
  if (activations != DType::i8 && activations != DType::i16) {
    return fail(ErrorCode::usage, "Activations of TFLite models become int8 or int16.", "activations");
  }
  if (activations == DType::i16 && !target.int16) {
    return fail(ErrorCode::unsupported, "Target '" + target.name + "' is not known to run activations of int16.",
                "activations");
  }
  const DType io = recipe.io.value_or(DType::f32);
  const bool fits = io == DType::f32 || (activations == DType::i16 ? io == DType::i16 : io != DType::i16);
  if (fits) return {};
  return fail(ErrorCode::usage,
              "Inputs and outputs cannot be " + std::string(dtype_name(io)) + " where activations are " +
                  std::string(dtype_name(activations)) + ".",
              "io");
}

Result<Target> target_of(const PlanContext& context) {
  const Recipe& recipe = context.recipe;
  const Target* target = find_target(recipe.target, "tflite");
  if (target == nullptr)
    return fail(ErrorCode::usage, "Target '" + recipe.target + "' runs no TFLite models.", "target");
  NC_CHECK(check_weights(recipe, *target));
  NC_CHECK(check_activations(recipe, *target));
  if (recipe.style != Style::qdq) {
    return fail(ErrorCode::usage, "TFLite has one way of writing: styles are for ONNX.", "style");
  }
  return recipe.activations == DType::i16 ? with_int16_activations(*target) : *target;
}

}  // namespace

Result<std::vector<ValueId>> watch_for_tflite(const PlanContext& context) {
  NC_TRY(Target target, target_of(context));
  return TflitePlanner(context, std::move(target)).watch();
}

Result<Plan> plan_tflite(const PlanContext& context, const KnownRanges& ranges) {
  NC_TRY(Target target, target_of(context));
  return TflitePlanner(context, std::move(target)).plan(ranges);
}

}  // namespace narrowcast
