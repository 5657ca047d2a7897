#include "plan/conditions.h"

#include <algorithm>

#include "passes/trace_constant.h"

namespace narrowcast {
namespace {

bool present(const ConditionQuery& query, std::size_t slot) {
  return slot < query.node.inputs.size() && query.node.inputs[slot];
}

bool constant_weight(const ConditionQuery& query) {
  return present(query, 1) && query.uses.sources(query.id, 1).size() == 1;
}

bool constant_bias(const ConditionQuery& query) {
  return !present(query, 2) || query.graph[query.node.inputs[2]].constant.has_value();
}

bool unit_factors(const ConditionQuery& query) {
  const RawOp& op = query.node.op;
  return op.float_or("alpha", 1) == 1 && (!present(query, 2) || op.float_or("beta", 1) == 1);
}

bool made_at_run_time(const ConditionQuery& query) {
  return present(query, 0) && trace_constants(query.graph, query.node.inputs[0]).empty();
}

bool one_result(const ConditionQuery& query) {
  return std::ranges::count_if(query.node.outputs, [](ValueId id) { return static_cast<bool>(id); }) == 1;
}

bool nearest(const ConditionQuery& query) {
  return query.node.op.string_or("mode", "nearest") == "nearest" &&
         query.node.op.string_or("coordinate_transformation_mode", "half_pixel") != "tf_crop_and_resize";
}

// One filter a channel: the group is as many as the input's channels.
bool depthwise(const ConditionQuery& query) {
  const int64_t groups = query.node.op.int_or("group", 1);
  if (groups <= 1 || !present(query, 1)) return false;
  const auto& shape = query.facts[query.node.inputs[1].index].type.shape;
  return shape && shape->size() >= 3 && (*shape)[1] == 1;
}

bool pointwise(const ConditionQuery& query) {
  if (!present(query, 1)) return false;
  const auto& shape = query.facts[query.node.inputs[1].index].type.shape;
  return shape && shape->size() >= 3 &&
         std::ranges::all_of(shape->begin() + 2, shape->end(), [](int64_t size) { return size == 1; });
}

// TFLite: what its integer kernels clamp codes to. 0 to 3: nothing, Relu, Relu of -1 to 1, Relu6.
bool clamping_activation(const ConditionQuery& query) {
  constexpr int64_t kRelu6 = 3;
  return query.node.op.int_or("fused_activation_function", 0) <= kRelu6;
}

// Every operand and result, as far as it is not constant.
template <typename Fits>
bool all_shapes(const ConditionQuery& query, Fits fits) {
  const auto holds = [&](ValueId value) {
    return !value || query.graph[value].constant || fits(query.facts[value.index].type.shape);
  };
  return std::ranges::all_of(query.node.inputs, holds) && std::ranges::all_of(query.node.outputs, holds);
}

bool static_shapes(const ConditionQuery& query) {
  return all_shapes(query, [](const std::optional<Shape>& shape) { return shape && element_count(*shape) >= 0; });
}

bool three_axes(const ConditionQuery& query) {
  constexpr std::size_t kAxes = 3;
  return all_shapes(query, [](const std::optional<Shape>& shape) {
    if (!shape || shape->size() <= kAxes) return true;
    return std::all_of(shape->begin(), shape->end() - kAxes, [](int64_t size) { return size == 1; });
  });
}

constexpr Condition kConditions[] = {
    {"constant_weight", constant_weight, "its weight is not one constant"},
    {"clamping_activation", clamping_activation, "the activation fused into it has no integer kernel"},
    {"static_shapes", static_shapes, "its shapes are not known before the model runs"},
    {"three_axes", three_axes, "more than three axes are longer than 1"},
    {"constant_bias", constant_bias, "its bias is made at run time"},
    {"unit_factors", unit_factors, "its alpha or beta is not 1"},
    {"made_at_run_time", made_at_run_time, "it picks from a constant table"},
    {"one_result", one_result, "its indices are wanted too"},
    {"nearest", nearest, "only nearest neighbours are picked in integers, it interpolates"},
    {"depthwise", depthwise, "it is no depthwise convolution"},
    {"pointwise", pointwise, "its windows are larger than one position"},
};

}  // namespace

const Condition* find_condition(std::string_view name) {
  const auto found = std::ranges::find(kConditions, name, &Condition::name);
  return found == std::end(kConditions) ? nullptr : found;
}

}  // namespace narrowcast
