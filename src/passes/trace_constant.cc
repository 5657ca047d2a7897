#include "passes/trace_constant.h"

#include <algorithm>
#include <numeric>

#include "ops/op.h"

namespace narrowcast {
namespace {

// A weight is assembled from a few parts; more than this many steps are an attack on the stack.
constexpr std::size_t kMaxSteps = 256;

std::vector<int> all_axes(std::size_t rank) {
  std::vector<int> axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

// Operands that say where, not what: integers, and whatever the op's rule calls plain.
bool is_plain(const Graph& graph, const Node& node, const ops::OpDef& op, std::size_t slot) {
  const TensorType& type = graph[node.inputs[slot]].type;
  if (type.dtype == DType::i32 || type.dtype == DType::i64) return true;
  if (op.rule == nullptr) return false;
  std::vector<TensorType> operands;
  for (const ValueId input : node.inputs) operands.push_back(input ? graph[input].type : TensorType{});
  const ops::Rule rule = op.rule({node.op, operands});
  return slot < rule.operands.size() && rule.operands[slot].role == ops::Role::plain;
}

class Tracer {
 public:
  explicit Tracer(const Graph& graph) : graph_(graph) {}

  // False when a part of the value is made at run time.
  bool trace(ValueId value, std::vector<ConstantTrace>& found) {
    if (graph_[value].constant) {
      add(found, {value, all_axes(graph_[value].constant->shape.size())});
      return true;
    }
    const NodeId producer = graph_[value].producer;
    if (!producer || ++steps_ > kMaxSteps) return false;
    const Node& node = graph_[producer];
    const ops::OpDef* op = ops::find_op(node.op);
    if (op == nullptr || node.inputs.empty()) return false;
    if (op->view != nullptr) return node.inputs[0] && trace_view(node, *op, found);
    return op->moves && trace_moved(node, *op, found);
  }

 private:
  bool trace_view(const Node& node, const ops::OpDef& op, std::vector<ConstantTrace>& found) {
    std::vector<ConstantTrace> seen;
    if (!trace(node.inputs[0], seen)) return false;
    for (ConstantTrace& part : seen) {
      const auto view = part.axes ? op.view(node.op, static_cast<int>(part.axes->size())) : std::nullopt;
      if (view) {
        std::vector<int> axes;
        for (const int axis : *view) axes.push_back((*part.axes)[static_cast<std::size_t>(axis)]);
        part.axes = std::move(axes);
      } else {
        part.axes.reset();
      }
      add(found, std::move(part));
    }
    return true;
  }

  bool trace_moved(const Node& node, const ops::OpDef& op, std::vector<ConstantTrace>& found) {
    std::vector<ConstantTrace> seen;
    for (std::size_t slot = 0; slot < node.inputs.size(); ++slot) {
      if (!node.inputs[slot] || is_plain(graph_, node, op, slot)) continue;
      if (!trace(node.inputs[slot], seen)) return false;
    }
    for (ConstantTrace& part : seen) {
      part.axes.reset();
      add(found, std::move(part));
    }
    return true;
  }

  static void add(std::vector<ConstantTrace>& found, ConstantTrace part) {
    if (std::ranges::find(found, part.source, &ConstantTrace::source) == found.end()) found.push_back(std::move(part));
  }

  const Graph& graph_;
  std::size_t steps_ = 0;
};

}  // namespace

std::vector<ConstantTrace> trace_constants(const Graph& graph, ValueId value) {
  std::vector<ConstantTrace> found;
  if (!Tracer(graph).trace(value, found)) found.clear();
  return found;
}

}  // namespace narrowcast
