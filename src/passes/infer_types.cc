#include "passes/infer_types.h"

#include "ops/fold.h"

namespace narrowcast {
namespace {

// Where both know the rank, unknown sizes are filled in from the other side.
void merge_type(TensorType& inferred, const TensorType& declared) {
  if (inferred.dtype == DType::unknown) inferred.dtype = declared.dtype;
  if (!inferred.shape) {
    inferred.shape = declared.shape;
  } else if (declared.shape && declared.shape->size() == inferred.shape->size()) {
    for (std::size_t i = 0; i < inferred.shape->size(); ++i) {
      if ((*inferred.shape)[i] < 0) (*inferred.shape)[i] = (*declared.shape)[i];
    }
  }
}

Status infer_node(const Graph& graph, const Files& files, NodeId id, std::vector<ops::ValueFact>& facts) {
  const Node& node = graph[id];
  const ops::OpDef* op = ops::find_op(node.op);
  if (op == nullptr || op->infer == nullptr) return {};
  std::vector<const ops::ValueFact*> operands;
  for (const ValueId input : node.inputs) operands.push_back(input ? &facts[input.index] : nullptr);
  ops::InferContext ctx(node.op, std::move(operands), node.outputs.size(), &files);
  if (const Status status = op->infer(ctx); !status) {
    Error error = status.error();
    error.where = graph.label(id);
    return std::unexpected(std::move(error));
  }
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    const ValueId output = node.outputs[i];
    if (!output || graph[output].constant) continue;
    ops::ValueFact& fact = facts[output.index];
    TensorType inferred = std::move(ctx.results()[i].type);
    merge_type(inferred, fact.type);
    fact.type = std::move(inferred);
    fact.ints = std::move(ctx.results()[i].ints);
  }
  return {};
}

}  // namespace

Result<std::vector<ops::ValueFact>> infer_types(const Graph& graph, const Files& files) {
  std::vector<ops::ValueFact> facts(graph.values.size());
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    facts[i].type = graph.values[i].type;
    const auto& constant = graph.values[i].constant;
    if (!constant || graph.values[i].is_sparse) continue;
    facts[i].ints = ops::constant_ints(*constant, &files);
    facts[i].floats = ops::constant_floats(*constant, &files);
  }
  for (const Scope& scope : graph.scopes) {
    for (const NodeId id : scope.nodes) NC_CHECK(infer_node(graph, files, id, facts));
  }
  return facts;
}

}  // namespace narrowcast
