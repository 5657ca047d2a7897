#include "one_op.h"

#include "ops/elements.h"

namespace narrowcast::testing {
namespace {

using ops::Tensor;

Constant constant_of(const Operand& operand) {
  Bytes bytes(
      static_cast<std::size_t>(packed_bytes(static_cast<std::size_t>(element_count(operand.shape)), operand.dtype)));
  const Tensor view{operand.dtype, ops::Layout::plain, operand.shape, {}, bytes.data()};
  for (std::size_t i = 0; i < operand.floats.size(); ++i) ops::store_real(view, i, operand.floats[i]);
  for (std::size_t i = 0; i < operand.ints.size(); ++i) ops::store_int(view, i, operand.ints[i]);
  return {operand.dtype, operand.shape, std::move(bytes)};
}

}  // namespace

Result<OpResult> run_op(const OpRun& run) {
  Graph graph;
  const ScopeId scope = graph.add_scope({});
  Node node;
  node.scope = scope;
  node.op = run.op;
  std::vector<const Operand*> given;
  for (const Operand& operand : run.operands) {
    if (operand.dtype == DType::unknown) {
      node.inputs.emplace_back();
      continue;
    }
    Value value;
    value.name = "operand " + std::to_string(node.inputs.size());
    value.scope = scope;
    value.type = {operand.dtype, operand.shape};
    if (operand.constant) value.constant = constant_of(operand);
    const ValueId id = graph.add_value(std::move(value));
    node.inputs.push_back(id);
    if (operand.constant) continue;
    graph[scope].inputs.push_back(id);
    given.push_back(&operand);
  }
  for (std::size_t i = 0; i < run.results; ++i) {
    Value value;
    value.name = "result " + std::to_string(i);
    value.scope = scope;
    if (i < run.result_types.size()) value.type = run.result_types[i];
    node.outputs.push_back(graph.add_value(std::move(value)));
    graph[scope].outputs.push_back(node.outputs.back());
  }
  graph[scope].nodes.push_back(graph.add_node(std::move(node)));
  const Files files;
  exec::Pool pool;  // outlives the runner, which holds the inputs
  NC_TRY(const auto program, exec::compile(graph, files, scope, {}));
  exec::Runner runner(*program, scope);
  std::vector<Tensor> inputs;
  for (const Operand* operand : given) {
    NC_TRY(Tensor tensor, ops::make_tensor(pool, operand->dtype, operand->shape));
    for (std::size_t i = 0; i < operand->floats.size(); ++i) ops::store_real(tensor, i, operand->floats[i]);
    for (std::size_t i = 0; i < operand->ints.size(); ++i) ops::store_int(tensor, i, operand->ints[i]);
    inputs.push_back(std::move(tensor));
  }
  NC_CHECK(runner.start(inputs));
  for (bool done = false; !done;) {
    NC_TRY(done, runner.step());
  }
  NC_TRY(const std::vector<Tensor> results, runner.results());
  OpResult out;
  for (const Tensor& tensor : results) {
    out.shapes.push_back(tensor.shape);
    out.values.emplace_back();
    for (std::size_t i = 0; i < tensor.count(); ++i) out.values.back().push_back(ops::load_real(tensor, i));
  }
  return out;
}

}  // namespace narrowcast::testing
