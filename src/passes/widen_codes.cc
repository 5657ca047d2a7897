#include "passes/widen_codes.h"

#include <algorithm>

#include "ir/edit_log.h"

namespace narrowcast {
namespace {

constexpr const char* kReason = "ops with codes run in float";

bool holds_codes(const Value& value) {
  return value.quant && !value.quant->scales.empty() && value.type.dtype != DType::f32 &&
         value.type.dtype != DType::unknown;
}

// It works on codes as if they were numbers.
bool computes(const Node& node) {
  return node.bodies.empty() && node.op.type != "QUANTIZE" && node.op.type != "DEQUANTIZE";
}

class Widener {
 public:
  explicit Widener(Graph& graph)
      : graph_(graph), log_(graph), uses_(collect_uses(graph)), is_input_(graph.values.size(), false) {
    for (const Scope& scope : graph.scopes) {
      for (const ValueId input : scope.inputs) is_input_[input.index] = true;
    }
  }

  void widen(ValueId value) {
    const NodeId maker = graph_[value].producer;
    if (!maker && !graph_[value].constant && !is_input_[value.index]) return;
    if (maker && computes(graph_[maker])) make_float(value, maker);
    std::vector<Use> readers;
    for (const Use& use : uses_[value.index]) {
      if (use.node && computes(graph_[use.node])) readers.push_back(use);
    }
    if (readers.empty()) return;
    const ValueId widened = insert("DEQUANTIZE", value, DType::f32, "_widened");
    for (const Use& use : readers) log_.set_input(use.node, use.slot, widened, kReason);
    const bool is_output = std::ranges::any_of(uses_[value.index], [](const Use& use) { return !use.node; });
    if (is_output || is_input_[value.index]) return;
    std::swap(graph_[widened].name, graph_[value].name);
  }

 private:
  // Where it stands does not matter: the executor orders nodes itself.
  ValueId insert(std::string type, ValueId input, DType dtype, std::string_view suffix) {
    Value output;
    output.name = log_.unique_name(graph_[input].name + std::string(suffix));
    output.type = {dtype, graph_[input].type.shape};
    Node node;
    node.op = {std::string(kTfliteDomain), std::move(type), 1, {}};
    node.inputs = {input};
    std::vector<Value> outputs;
    outputs.push_back(std::move(output));
    return graph_[log_.insert_node(graph_[input].scope, {}, std::move(node), std::move(outputs), kReason)].outputs[0];
  }

  void make_float(ValueId value, NodeId maker) {
    const ValueId exact = insert("QUANTIZE", value, DType::f32, "_exact");
    const NodeId quantize = graph_[exact].producer;
    const auto& outputs = graph_[maker].outputs;
    const auto slot = static_cast<uint32_t>(std::ranges::find(outputs, value) - outputs.begin());
    log_.set_output(maker, slot, exact, kReason);
    log_.set_output(quantize, 0, value, kReason);
    log_.set_input(quantize, 0, exact, kReason);
  }

  Graph& graph_;
  EditLog log_;
  std::vector<std::vector<Use>> uses_;
  std::vector<bool> is_input_;  // by value
};

}  // namespace

void widen_codes(Graph& graph) {
  Widener widener(graph);
  const std::size_t given = graph.values.size();
  for (std::size_t i = 0; i < given; ++i) {
    if (holds_codes(graph.values[i])) widener.widen(ValueId(i));
  }
}

}  // namespace narrowcast
