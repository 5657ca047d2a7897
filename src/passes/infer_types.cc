#include "passes/infer_types.h"

namespace narrowcast {
namespace {

// Shapes, axes and sizes are this short; longer integer constants are data.
constexpr int64_t kMaxKnownInts = 64;

std::optional<std::vector<int64_t>> known_ints(const Constant& constant, const Files& files) {
  const bool wide = constant.dtype == DType::i64;
  const int64_t count = element_count(constant.shape);
  if ((!wide && constant.dtype != DType::i32) || count < 0 || count > kMaxKnownInts) return std::nullopt;
  const ByteView bytes = payload_view(files, constant.payload);
  if (bytes.size() != packed_bytes(static_cast<uint64_t>(count), constant.dtype)) return std::nullopt;
  std::vector<int64_t> ints;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    ints.push_back(wide ? load_le<int64_t>(&bytes[i * 8]) : load_le<int32_t>(&bytes[i * 4]));
  }
  return ints;
}

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

Status infer_node(const Graph& graph, NodeId id, std::vector<ops::ValueFact>& facts) {
  const Node& node = graph[id];
  const ops::OpDef* op = ops::find_op(node.op);
  if (op == nullptr || op->infer == nullptr) return {};
  std::vector<const ops::ValueFact*> operands;
  for (const ValueId input : node.inputs) operands.push_back(input ? &facts[input.index] : nullptr);
  ops::InferContext ctx(node.op, std::move(operands), node.outputs.size());
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
    if (graph.values[i].constant) facts[i].ints = known_ints(*graph.values[i].constant, files);
  }
  for (const Scope& scope : graph.scopes) {
    for (const NodeId id : scope.nodes) NC_CHECK(infer_node(graph, id, facts));
  }
  return facts;
}

}  // namespace narrowcast
