#include "rewrite/qoperator.h"

#include <algorithm>

#include "rewrite/onnx_writer.h"
#include "rewrite/qdq.h"

namespace narrowcast {
namespace {

constexpr std::string_view kReason = "style qoperator: the op takes codes and gives codes";

// What a DequantizeLinear widens, or a QuantizeLinear makes.
struct Coded {
  NodeId node;
  ValueId codes;
  ValueId scale;
  ValueId zero_point;
};

struct Form {
  std::string_view op;
  std::string_view domain;
  std::string_view type;
  std::size_t operands;  // that come with scale and zero point; a bias follows in int32
};
constexpr Form kForms[] = {{"Conv", "", "QLinearConv", 2},
                           {"MatMul", "", "QLinearMatMul", 2},
                           {"Gemm", kMicrosoftDomain, "QGemm", 2},
                           {"Add", kMicrosoftDomain, "QLinearAdd", 2}};
class OperatorWriter {
 public:
  OperatorWriter(EditLog& log, const std::vector<ActivationPlan>& activations)
      : log_(log), graph_(log.graph()), uses_(collect_uses(graph_)), moves_(graph_.nodes.size(), false) {
    for (const ActivationPlan& activation : activations) {
      if (activation.maker && activation.like != activation.value) moves_[activation.maker.index] = true;
    }
  }

  void write() {
    for (std::size_t s = 0; s < graph_.scopes.size(); ++s) {
      const std::vector<NodeId> nodes = graph_[ScopeId(s)].nodes;
      for (const NodeId id : nodes) {
        if (!graph_[id].dropped) rewrite(id);
      }
    }
    drop_unread();
  }

 private:
  [[nodiscard]] std::optional<Coded> coded(NodeId id, std::string_view type, ValueId codes) const {
    const Node& node = graph_[id];
    if (node.op.type != type || node.inputs.size() < 2) return std::nullopt;
    const ValueId zero_point = node.inputs.size() > 2 ? node.inputs[2] : ValueId();
    return Coded{id, codes ? codes : node.inputs[0], node.inputs[1], zero_point};
  }
  [[nodiscard]] std::optional<Coded> before(ValueId value) const {
    const NodeId producer = value ? graph_[value].producer : NodeId();
    return producer ? coded(producer, "DequantizeLinear", {}) : std::nullopt;
  }
  // Whose codes alone are wanted of the value.
  [[nodiscard]] std::optional<Coded> behind(ValueId value) const {
    const auto& uses = uses_[value.index];
    if (uses.size() != 1 || !uses[0].node || graph_[uses[0].node].scope != graph_[value].scope) return std::nullopt;
    return coded(uses[0].node, "QuantizeLinear", graph_[uses[0].node].outputs[0]);
  }

  void rewrite(NodeId id) {
    const Node& node = graph_[id];
    if (!node.op.domain.empty()) return;
    const auto form = std::ranges::find(kForms, std::string_view(node.op.type), &Form::op);
    if (form != std::end(kForms)) compute_in_codes(id, *form);
    if (moves_[id.index]) move_codes(id);
  }

  void compute_in_codes(NodeId id, const Form& form) {
    const Node node = graph_[id];
    const auto result = behind(node.outputs[0]);
    if (!result || !result->zero_point || dtype_bits(graph_[result->codes].type.dtype) != 8) return;
    std::vector<ValueId> operands;
    std::vector<ValueId> bias;
    for (std::size_t slot = 0; slot < node.inputs.size(); ++slot) {
      if (!node.inputs[slot]) continue;
      const auto operand = before(node.inputs[slot]);
      if (!operand) return;
      if (slot >= form.operands) {
        bias.push_back(operand->codes);
        continue;
      }
      if (!operand->zero_point) return;
      operands.insert(operands.end(), {operand->codes, operand->scale, operand->zero_point});
    }
    std::vector<Attribute> attributes = node.op.attributes;
    if (form.op == "Gemm") {
      std::erase_if(attributes, [](const Attribute& attribute) { return attribute.name == "beta"; });
      // QGemm takes its bias in front of the result's scale, QLinearConv behind.
      operands.insert(operands.end(), bias.empty() ? ValueId() : bias[0]);
    }
    operands.insert(operands.end(), {result->scale, result->zero_point});
    if (form.op == "Conv") operands.insert(operands.end(), bias.begin(), bias.end());
    OnnxWriter writer(log_, node.outputs[0], id, std::string(kReason));
    if (form.domain == kMicrosoftDomain) writer.use_microsoft();
    const NodeId made = writer.insert_node(std::string(form.domain), std::string(form.type), std::move(operands),
                                           std::move(attributes), "_codes", graph_[result->codes].type);
    log_.drop_node(result->node, std::string(kReason));
    log_.drop_node(id, std::string(kReason));
    log_.set_output(made, 0, result->codes, std::string(kReason));
  }

  // Results share the operand's scale: the plan gave it to them.
  void move_codes(NodeId id) {
    const auto operand = before(graph_[id].inputs[0]);
    if (!operand) return;
    std::vector<Coded> results;
    for (const ValueId output : graph_[id].outputs) {
      const auto result = output ? behind(output) : std::nullopt;
      if (!result || !same_constant(operand->scale, result->scale)) return;
      if (!operand->zero_point || !same_constant(operand->zero_point, result->zero_point)) return;
      results.push_back(*result);
    }
    log_.set_input(id, 0, operand->codes, std::string(kReason));
    for (uint32_t slot = 0; slot < results.size(); ++slot) {
      log_.drop_node(results[slot].node, std::string(kReason));
      log_.set_output(id, slot, results[slot].codes, std::string(kReason));
    }
  }

  [[nodiscard]] bool same_constant(ValueId a, ValueId b) const {
    if (!a || !b || !graph_[a].constant || !graph_[b].constant) return false;
    const auto* x = std::get_if<Bytes>(&graph_[a].constant->payload);
    const auto* y = std::get_if<Bytes>(&graph_[b].constant->payload);
    return x != nullptr && y != nullptr && *x == *y && graph_[a].constant->dtype == graph_[b].constant->dtype;
  }

  // Pairs that lost their readers, and then the constants that lost theirs.
  void drop_unread() {
    std::vector<bool> had_readers(uses_.size());
    for (std::size_t i = 0; i < uses_.size(); ++i) had_readers[i] = !uses_[i].empty();
    const auto uses = collect_uses(graph_);
    for (std::size_t i = 0; i < uses_.size(); ++i) {
      const NodeId producer = graph_.values[i].producer;
      const bool is_unread = had_readers[i] && uses[i].empty() && producer && !graph_[producer].dropped;
      if (is_unread && graph_[producer].op.type == "DequantizeLinear") {
        log_.drop_node(producer, "nothing reads what it widens");
      }
    }
    drop_unread_constants(log_, had_readers);
  }

  EditLog& log_;
  const Graph& graph_;
  std::vector<std::vector<Use>> uses_;
  std::vector<bool> moves_;  // by node: its results have its operand's scale
};

}  // namespace

void write_operators(EditLog& log, const std::vector<ActivationPlan>& activations) {
  OperatorWriter(log, activations).write();
}

}  // namespace narrowcast
