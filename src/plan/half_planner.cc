#include "plan/half_planner.h"

#include <algorithm>

#include "plan/half_nodes.h"

namespace narrowcast {
namespace {

using Wish = HalfNodes::Wish;

// What a stored constant costs beside its elements when an op of its own widens it.
constexpr int64_t kLeastStored = 128;

class HalfPlanner {
 public:
  explicit HalfPlanner(const PlanContext& context)
      : context_(context), graph_(context.graph()), nodes_(context), is_narrowed_(graph_.values.size(), false) {
    plan_.recipe = context.recipe;
  }

  Plan plan() {
    for (std::size_t i = 0; i < graph_.values.size(); ++i) {
      const ValueId value(i);
      if (graph_[value].constant) {
        plan_constant(value);
      } else if (nodes_.dtype(value) == DType::f32) {
        plan_value(value);
      }
    }
    for (const Scope& scope : graph_.scopes) {
      for (const NodeId id : scope.nodes) judge(id);
    }
    return std::move(plan_);
  }

 private:
  [[nodiscard]] std::vector<Use> readers(ValueId value, Wish wish) const;
  [[nodiscard]] bool is_made_half(ValueId value) const;
  [[nodiscard]] bool is_named_half(ValueId value, bool made_half) const;
  void plan_value(ValueId value);
  void plan_constant(ValueId value);
  void plan_stored(ValueId value);
  void widen_for(ValueId value, std::vector<Use> half_readers);
  void narrow(ValueId value, WeightForm form, std::vector<Use> moved);
  [[nodiscard]] std::string why_not_stored(ValueId value) const;
  void judge(NodeId id);
  void leave(ValueId value, std::string reason) {
    plan_.constants.push_back({value, Verdict::left_float, std::move(reason)});
  }

  const PlanContext& context_;
  const Graph& graph_;
  HalfNodes nodes_;
  std::vector<bool> is_narrowed_;  // by value: constants
  Plan plan_;
};

std::vector<Use> HalfPlanner::readers(ValueId value, Wish wish) const {
  std::vector<Use> found;
  std::ranges::copy_if(context_.uses.readers(value), std::back_inserter(found),
                       [&](const Use& use) { return nodes_.wish(use) == wish; });
  return found;
}

bool HalfPlanner::is_made_half(ValueId value) const {
  const NodeId producer = graph_[value].producer;
  if (!producer) return context_.recipe.io == DType::f16 && !graph_[graph_[value].scope].owner;
  const auto& outputs = graph_[producer].outputs;
  return nodes_.makes_half(producer, static_cast<std::size_t>(std::ranges::find(outputs, value) - outputs.begin()));
}

// The result of a body stays float32, and so does the graph's unless the recipe wants it otherwise.
bool HalfPlanner::is_named_half(ValueId value, bool made_half) const {
  if (!graph_[value].producer) return made_half;
  bool half = made_half;
  for (const Use& use : context_.uses.readers(value)) {
    if (use.node) continue;
    if (graph_[use.scope].owner) return false;
    half = context_.recipe.io == DType::f16;
  }
  return half;
}

void HalfPlanner::plan_value(ValueId value) {
  HalfValue half{.value = value, .made_half = is_made_half(value)};
  half.named_half = is_named_half(value, half.made_half);
  half.readers = readers(value, half.named_half ? Wish::full : Wish::half);
  // What a graph gives is what stands under its name.
  std::erase_if(half.readers, [](const Use& use) { return !use.node; });
  if (!half.made_half && !half.named_half && half.readers.empty()) return;
  half.anchor = context_.first_reader(graph_[value].scope, half.readers);
  half.is_declared = graph_[value].type.dtype == DType::f32;
  const NodeId producer = graph_[value].producer;
  if (half.made_half && producer && graph_[producer].op.type == "Cast") plan_.half_casts.push_back(producer);
  plan_.halves.push_back(std::move(half));
}

void HalfPlanner::narrow(ValueId value, WeightForm form, std::vector<Use> moved) {
  WeightPlan weight{.source = value, .dtype = DType::f16, .cut = Cut::per_tensor};
  weight.channels = {1, static_cast<std::size_t>(element_count(graph_[value].constant->shape))};
  weight.form = form;
  weight.readers = std::move(moved);
  weight.anchor = context_.first_reader(graph_[value].scope, weight.readers);
  plan_.weights.push_back(std::move(weight));
  is_narrowed_[value.index] = true;
  plan_.constants.push_back({value, Verdict::quantized, ""});
}

// The constant stays float32, and one Cast narrows it for those who read float16.
void HalfPlanner::widen_for(ValueId value, std::vector<Use> half_readers) {
  HalfValue half{.value = value, .readers = std::move(half_readers)};
  half.anchor = context_.first_reader(graph_[value].scope, half.readers);
  plan_.halves.push_back(std::move(half));
}

std::string HalfPlanner::why_not_stored(ValueId value) const {
  if (element_count(graph_[value].constant->shape) < kLeastStored) return "too small to gain";
  for (const Use& use : context_.uses.readers(value)) {
    if (!use.node) return "it is an output of the graph";
    if (context_.uses.role(use.node, use.slot) == ops::Role::plain) {
      return "'" + graph_.label(use.node) + "' needs its exact value";
    }
    std::string why = context_.why_not_selected(use.node, graph_[value].name);
    if (!why.empty()) return why;
  }
  return "";
}

// Nobody reads it as float16: it may be stored so all the same.
void HalfPlanner::plan_stored(ValueId value) {
  std::vector<Use> full = readers(value, Wish::full);
  if (context_.uses.readers(value).empty()) return leave(value, "nothing reads it");
  if (full.empty()) return leave(value, "nothing reads its numbers");
  if (std::string why = why_not_stored(value); !why.empty()) return leave(value, std::move(why));
  narrow(value, WeightForm::half, std::move(full));
}

void HalfPlanner::plan_constant(ValueId value) {
  const Constant& constant = *graph_[value].constant;
  if (constant.dtype == DType::f16) return leave(value, "it is float16 already");
  if (constant.dtype != DType::f32) return;
  std::vector<Use> half = readers(value, Wish::half);
  const std::vector<Use> full = readers(value, Wish::full);
  const bool is_dense = !graph_[value].is_sparse && element_count(constant.shape) > 0;
  if (!is_dense) {
    leave(value, graph_[value].is_sparse ? "its stored form is not dense" : "it is empty");
    if (!half.empty()) widen_for(value, std::move(half));
    return;
  }
  if (half.empty()) return plan_stored(value);
  if (std::string why = context_.why_not_selected(half.front().node, graph_[value].name); !why.empty()) {
    leave(value, std::move(why));
    return widen_for(value, std::move(half));
  }
  const bool is_exact = std::ranges::any_of(
      full, [&](const Use& use) { return !use.node || context_.uses.role(use.node, use.slot) == ops::Role::plain; });
  if (is_exact) return narrow(value, WeightForm::half_copy, std::move(half));
  narrow(value, WeightForm::half, full);
}

void HalfPlanner::judge(NodeId id) {
  if (graph_[id].op.type == "Constant") return;
  if (nodes_.is_half(id)) {
    plan_.nodes.push_back({id, Verdict::quantized, "it computes in float16", {}});
    return;
  }
  for (const ValueId input : graph_[id].inputs) {
    if (!input || !is_narrowed_[input.index]) continue;
    plan_.nodes.push_back({id, Verdict::quantized,
                           "constant '" + graph_[input].name + "' is stored as float16; " + nodes_.why_not(id), input});
    return;
  }
  plan_.nodes.push_back({id, Verdict::left_float, nodes_.why_not(id), {}});
}

}  // namespace

bool computes_in_half(const Model& model, const Recipe& recipe) {
  return recipe.mode == Mode::float16 && !recipe.storage && model.format->name == "onnx" && model.functions.empty();
}

Result<Plan> plan_half(const PlanContext& context) { return HalfPlanner(context).plan(); }

}  // namespace narrowcast
