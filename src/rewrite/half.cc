#include "rewrite/half.h"

#include <algorithm>

#include "ops/onnx_type.h"
#include "rewrite/onnx_writer.h"

namespace narrowcast {
namespace {

constexpr DType type_of(bool is_half) { return is_half ? DType::f16 : DType::f32; }
constexpr const char* suffix_of(bool is_half) { return is_half ? "_float16" : "_float32"; }
std::vector<Attribute> cast_to(bool is_half) { return {{"to", ops::onnx_number_of_dtype(type_of(is_half))}}; }

NodeId node_behind(const Graph& graph, NodeId node) {
  const auto& order = graph[graph[node].scope].nodes;
  const auto next = std::ranges::find(order, node) + 1;
  return next == order.end() ? NodeId() : *next;
}

std::string reason_of(const Graph& graph, ValueId value) {
  return "'" + graph[value].name + "' is computed in float16 on one side and in float32 on the other";
}

class HalfWriter : OnnxWriter {
 public:
  HalfWriter(EditLog& log, const HalfValue& plan, NodeId anchor)
      : OnnxWriter(log, plan.value, anchor, reason_of(log.graph(), plan.value)), plan_(plan) {}

  // What the op makes gets a name of its own, and a Cast behind it takes the value's.
  void write_behind() {
    const Graph& graph = log_.graph();
    const NodeId producer = graph[plan_.value].producer;
    const auto& outputs = graph[producer].outputs;
    const auto slot = static_cast<uint32_t>(std::ranges::find(outputs, plan_.value) - outputs.begin());
    const TensorType made{type_of(plan_.made_half), graph[plan_.value].type.shape};
    const NodeId cast =
        insert_node("", "Cast", {plan_.value}, cast_to(plan_.named_half), suffix_of(plan_.made_half), made);
    const ValueId between = log_.graph()[cast].outputs[0];
    log_.set_output(producer, slot, between, reason_);
    log_.set_output(cast, 0, plan_.value, reason_);
    log_.set_input(cast, 0, between, reason_);
    move(between);
  }

  void write_before_readers() {
    const bool to_half = !plan_.named_half;
    const TensorType type{type_of(to_half), log_.graph()[plan_.value].type.shape};
    const NodeId cast = insert_node("", "Cast", {plan_.value}, cast_to(to_half), suffix_of(to_half), type);
    move(log_.graph()[cast].outputs[0]);
  }

 private:
  void move(ValueId to) {
    for (const Use& use : plan_.readers) log_.set_input(use.node, use.slot, to, reason_);
  }

  const HalfValue& plan_;
};

class HalfConstantWriter : OnnxWriter {
 public:
  HalfConstantWriter(EditLog& log, const WeightPlan& plan)
      : OnnxWriter(log, plan.source, plan.anchor, "'" + log.graph()[plan.source].name + "' is stored as float16"),
        plan_(plan) {}

  void write(Constant stored) {
    const Shape shape = stored.shape;
    if (plan_.form == WeightForm::half_copy) return move(add_constant("_float16", std::move(stored)));
    log_.set_constant(plan_.source, std::move(stored), std::nullopt, reason_);
    if (plan_.readers.empty()) return;
    move(insert("", "Cast", {plan_.source}, cast_to(false), "_float32", DType::f32, shape));
  }

 private:
  void move(ValueId to) { move_readers(log_, plan_, to, reason_); }

  const WeightPlan& plan_;
};

}  // namespace

void rewrite_half_constant(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed) {
  const Shape shape = log.graph()[plan.source].constant->shape;
  HalfConstantWriter(log, plan).write({DType::f16, shape, narrowed.codes});
}

void rewrite_half_value(EditLog& log, const HalfValue& plan) {
  const Graph& graph = log.graph();
  if (plan.named_half && plan.is_declared) {
    log.set_type(plan.value, {DType::f16, graph[plan.value].type.shape}, "it is float16 now");
  }
  if (plan.made_half != plan.named_half) {
    HalfWriter(log, plan, node_behind(graph, graph[plan.value].producer)).write_behind();
  } else if (!plan.readers.empty()) {
    HalfWriter(log, plan, plan.anchor).write_before_readers();
  }
}

void rewrite_half_cast(EditLog& log, NodeId cast) {
  log.set_attribute(cast, "to", ops::onnx_number_of_dtype(DType::f16), "it makes float16 now");
}

}  // namespace narrowcast
