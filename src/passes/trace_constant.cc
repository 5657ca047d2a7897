#include "passes/trace_constant.h"

#include <numeric>

#include "ops/op.h"

namespace narrowcast {
namespace {

// axes[i] of the outer view, seen through one more op.
std::vector<int> compose(const std::vector<int>& outer, const std::vector<int>& inner) {
  std::vector<int> axes;
  for (const int axis : outer) axes.push_back(inner[static_cast<std::size_t>(axis)]);
  return axes;
}

}  // namespace

std::optional<ConstantTrace> trace_constant(const Graph& graph, ValueId value) {
  std::vector<NodeId> chain;
  // Walk to the constant first: only there the rank is certain.
  ValueId current = value;
  while (!graph[current].constant) {
    const NodeId producer = graph[current].producer;
    if (!producer) return std::nullopt;
    const Node& node = graph[producer];
    const ops::OpDef* op = ops::find_op(node.op);
    if (op == nullptr || op->view == nullptr || node.inputs.empty() || !node.inputs[0]) return std::nullopt;
    chain.push_back(producer);
    current = node.inputs[0];
  }
  const auto rank = static_cast<int>(graph[current].constant->shape.size());
  std::vector<int> axes(static_cast<std::size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  for (const NodeId id : chain) {
    const RawOp& op = graph[id].op;
    const auto view = ops::find_op(op)->view(op, rank);
    if (!view) return std::nullopt;
    axes = compose(axes, *view);
  }
  return ConstantTrace{current, std::move(axes), std::move(chain)};
}

}  // namespace narrowcast
