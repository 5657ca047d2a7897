#include "kernels/pack_int4/pack_int4.h"
#include "rewrite/onnx_weights.h"
#include "rewrite/readers.h"

namespace narrowcast {
namespace {

// [blocks, inner] to [inner, blocks]: MatMulNBits keeps a column's blocks together.
template <typename T>
std::vector<T> by_column(const std::vector<T>& values, std::size_t blocks, std::size_t inner) {
  std::vector<T> out;
  out.reserve(values.size());
  for (std::size_t n = 0; n < inner; ++n) {
    for (std::size_t b = 0; b < blocks; ++b) out.push_back(values[b * inner + n]);
  }
  return out;
}

// [inner, blocks] of 4-bit zero points, every row filled up to a whole byte.
std::vector<uint8_t> pack_rows(const std::vector<uint8_t>& values, std::size_t blocks) {
  std::vector<uint8_t> out;
  for (std::size_t row = 0; row < values.size(); row += blocks) {
    std::vector<uint8_t> bytes((blocks + 1) / 2);
    kernels::pack_int4(&values[row], blocks, bytes.data());
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  return out;
}

}  // namespace

Status rewrite_matmul_nbits(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed) {
  Graph& graph = log.graph();
  const NodeId matmul = plan.readers.front().node;
  const ScopeId scope = graph[matmul].scope;
  const std::string name = graph[plan.source].name;
  const auto& layout = plan.blocks;
  const auto blocks = static_cast<int64_t>(layout.blocks());
  const auto columns = static_cast<int64_t>(layout.inner);
  const std::string reason = "'" + name + "' is stored in 4-bit blocks inside MatMulNBits";
  if (graph.opset(kMicrosoftDomain) == 0) log.set_opset(std::string(kMicrosoftDomain), 1, "for MatMulNBits");

  log.set_constant(plan.source,
                   {DType::u8, {columns, blocks, static_cast<int64_t>(layout.block_size / 2)}, narrowed.codes},
                   std::nullopt, reason);
  const auto add = [&](const char* suffix, Constant constant) {
    return log.add_constant(scope, log.unique_name(name + suffix), std::move(constant), std::nullopt, reason);
  };
  Node node;
  node.name = log.unique_name(graph.label(matmul) + "_MatMulNBits");
  node.op = {std::string(kMicrosoftDomain),
             "MatMulNBits",
             1,
             {{"K", static_cast<int64_t>(layout.k)},
              {"N", columns},
              {"bits", int64_t{4}},
              {"block_size", static_cast<int64_t>(layout.block_size)}}};
  node.inputs = {graph[matmul].inputs[0], plan.source,
                 add("_scale", make_constant(DType::f32, {columns * blocks},
                                             by_column(narrowed.block_scales, layout.blocks(), layout.inner)))};
  if (!narrowed.block_zero_points.empty()) {
    const auto points = by_column(narrowed.block_zero_points, layout.blocks(), layout.inner);
    const auto bytes = pack_rows(points, layout.blocks());
    node.inputs.push_back(add("_zero_point", make_constant(DType::u8, {static_cast<int64_t>(bytes.size())}, bytes)));
  }
  Value interim;
  interim.name = log.unique_name(name + "_product");
  interim.type = graph[graph[matmul].outputs[0]].type;
  std::vector<Value> outputs;
  outputs.push_back(std::move(interim));
  const ValueId product = graph[matmul].outputs[0];
  const NodeId inserted = log.insert_node(scope, matmul, std::move(node), std::move(outputs), reason);
  log.drop_node(matmul, reason);
  log.set_output(inserted, 0, product, reason);
  return {};
}

}  // namespace narrowcast
