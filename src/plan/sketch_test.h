// Models put together by hand, for the planners' tests.
#pragma once

#include <string>

#include "plan/plan.h"

namespace narrowcast::testing {

// A model put together by hand: what the planner sees of a file, without one.
class Sketch {
 public:
  explicit Sketch(std::string_view format, int64_t opset = 17) : format_{.name = format} {
    model_.format = &format_;
    model_.graph.opsets.push_back({"", opset});
    main_ = model_.graph.add_scope({});
    domain_ = format == "tflite" ? std::string(kTfliteDomain) : "";
  }

  ValueId input(const std::string& name, Shape shape) {
    const ValueId id = value(name, {DType::f32, std::move(shape)});
    model_.graph[main_].inputs.push_back(id);
    return id;
  }

  ValueId constant(const std::string& name, DType dtype, Shape shape) {
    const auto bytes = static_cast<std::size_t>(packed_bytes(static_cast<uint64_t>(element_count(shape)), dtype));
    const ValueId id = value(name, {dtype, shape});
    model_.graph[id].constant = Constant{dtype, std::move(shape), Bytes(bytes, 1)};
    return id;
  }

  ValueId node(const std::string& type, std::vector<ValueId> inputs, std::vector<Attribute> attributes = {}) {
    Node node;
    node.name = "the_" + type + std::to_string(model_.graph.nodes.size());
    node.scope = main_;
    node.op = {domain_, type, static_cast<int>(model_.graph.opset("")), std::move(attributes)};
    node.inputs = std::move(inputs);
    node.outputs = {value(node.name + "_out", {})};
    const ValueId output = node.outputs[0];
    model_.graph[main_].nodes.push_back(model_.graph.add_node(std::move(node)));
    return output;
  }

  Graph& graph() { return model_.graph; }
  Plan plan(const Recipe& recipe = {}, const KnownRanges& ranges = {}) { return *make_plan(model_, recipe, ranges); }
  const Model& model() const { return model_; }
  void output(ValueId id) { model_.graph[main_].outputs.push_back(id); }
  const std::string& name(ValueId id) { return model_.graph[id].name; }

 private:
  ValueId value(const std::string& name, TensorType type) {
    Value value;
    value.name = name;
    value.scope = main_;
    value.type = std::move(type);
    return model_.graph.add_value(std::move(value));
  }

  Format format_;
  Model model_;
  ScopeId main_;
  std::string domain_;
};

}  // namespace narrowcast::testing
