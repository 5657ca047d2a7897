#include <algorithm>

#include "exec/arrange.h"
#include "exec/constants.h"
#include "exec/evaluate.h"
#include "exec/schedule.h"
#include "passes/infer_types.h"

namespace narrowcast::exec {
namespace {

using ops::Tensor;

constexpr std::size_t kAlwaysFolded = 64 << 10;  // bytes; larger results may be 4 times as large as their operands
constexpr std::size_t kMostGrowth = 4;

std::string op_text(const Graph& graph, const Node& node) {
  std::string text = node.op.type + " (";
  if (!node.op.domain.empty()) text += node.op.domain + ", ";
  return text + (graph.opsets.empty() ? "version " : "opset ") + std::to_string(node.op.version) + ")";
}

bool runs(const Node& node) {
  const ops::OpDef* def = ops::find_op(node.op);
  return def != nullptr && def->eval != nullptr;
}

// No body of a graph is run while it is folded.
class NoBodies final : public ops::BodyRunner {
 public:
  [[nodiscard]] TensorType body_result(ScopeId, std::size_t) const override { return {}; }
  Result<std::vector<Tensor>> run_body(ScopeId, std::vector<Tensor>) override {
    return fail(ErrorCode::internal, "A node with a body was folded.");
  }
  Status keep_going() override { return {}; }
};

class Compiler {
 public:
  Compiler(const Graph& graph, const Files& files, const CompileOptions& options)
      : program_(std::make_unique<Program>(graph, files)) {
    program_->options = options;
    program_->scopes.resize(graph.scopes.size());
    program_->constants.resize(graph.values.size());
  }

  Result<std::unique_ptr<Program>> compile(ScopeId scope);

 private:
  [[nodiscard]] const Graph& graph() const { return program_->graph; }
  Status load_constants();
  Status compile_scope(ScopeId scope);
  Result<bool> fold(Step& step);
  void mark_uses(ScopeId scope);
  Status prepare_steps();
  Status prepare(Step& step);
  Status settle_constants();

  std::unique_ptr<Program> program_;
  std::vector<ops::ValueFact> facts_;
};

Status Compiler::load_constants() {
  for (uint32_t i = 0; i < graph().values.size(); ++i) {
    const Value& value = graph().values[i];
    if (!value.constant || value.is_sparse) continue;
    NC_TRY(program_->constants[i], load_constant(program_->pool, program_->files, *value.constant));
  }
  return {};
}

// Runs a node whose operands are all constants. False when there is one that is not, or the result would be large.
Result<bool> Compiler::fold(Step& step) {
  const Node& node = graph()[step.node];
  if (!node.bodies.empty() || step.def->is_random) return false;
  std::vector<Operand> operands;
  std::size_t bytes = 0;
  for (const ValueId input : node.inputs) {
    if (!input) {
      operands.push_back({});
      continue;
    }
    const Tensor& constant = program_->constants[input.index];
    if (!constant.present()) return false;
    operands.push_back({&constant, input, true, false});
    bytes += constant.bytes();
  }
  NC_CHECK(infer_step(*program_, step, operands));
  for (const ops::ValueFact& fact : step.cache.results) {
    const int64_t count = fact.type.shape ? element_count(*fact.type.shape) : -1;
    if (count < 0) continue;
    const uint64_t size = packed_bytes(static_cast<uint64_t>(count), fact.type.dtype);
    if (size > kAlwaysFolded && size / kMostGrowth > bytes) return false;
  }
  NoBodies bodies;
  NC_TRY(std::vector<Tensor> results, evaluate(*program_, step, operands, {}, bodies));
  for (std::size_t i = 0; i < node.outputs.size() && i < results.size(); ++i) {
    if (node.outputs[i] && results[i].present()) program_->constants[node.outputs[i].index] = std::move(results[i]);
  }
  return true;
}

Status Compiler::compile_scope(ScopeId scope) {
  if (program_->scopes[scope.index].compiled) return {};
  program_->scopes[scope.index].compiled = true;
  NC_TRY(const std::vector<NodeId> order, order_nodes(graph(), scope));
  std::vector<Step> steps;
  for (const NodeId id : order) {
    const Node& node = graph()[id];
    const bool is_constant = std::ranges::all_of(
        node.outputs, [&](ValueId output) { return !output || program_->constants[output.index].present(); });
    if (is_constant) continue;
    if (!runs(node)) {
      return fail(ErrorCode::unsupported, "The op " + op_text(graph(), node) + " does not run here.",
                  graph().label(id));
    }
    Step step;
    step.node = id;
    step.def = ops::find_op(node.op);
    step.wanted.assign(node.outputs.size(), true);
    NC_TRY(const bool folded, fold(step));
    if (folded) continue;
    step.captured = captured_values(graph(), id);
    for (const ScopeId body : node.bodies) NC_CHECK(compile_scope(body));
    steps.push_back(std::move(step));
  }
  program_->scopes[scope.index].steps = std::move(steps);
  return {};
}

// Last uses and results that nobody reads, within one scope.
void Compiler::mark_uses(ScopeId scope) {
  std::vector<Step>& steps = program_->scopes[scope.index].steps;
  std::vector<bool> is_read(graph().values.size(), false);
  for (const ValueId output : graph()[scope].outputs) {
    if (output) is_read[output.index] = true;
  }
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    const Node& node = graph()[step->node];
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      step->wanted[i] = node.outputs[i] && is_read[node.outputs[i].index];
    }
    std::vector<ValueId> read = node.inputs;
    read.insert(read.end(), step->captured.begin(), step->captured.end());
    step->last_use.assign(node.inputs.size(), false);
    for (std::size_t i = 0; i < read.size(); ++i) {
      const ValueId value = read[i];
      if (!value || is_read[value.index] || graph()[value].scope != scope) continue;
      if (program_->constants[value.index].present()) continue;
      if (i < node.inputs.size()) step->last_use[i] = true;
      if (std::ranges::find(step->frees, value) == step->frees.end()) step->frees.push_back(value);
    }
    for (const ValueId value : read) {
      if (value) is_read[value.index] = true;
    }
  }
}

Status Compiler::prepare(Step& step) {
  if (step.def->prepare == nullptr) return {};
  const Node& node = graph()[step.node];
  std::vector<Tensor> floats(node.inputs.size());
  std::vector<const Tensor*> constants(node.inputs.size(), nullptr);
  std::vector<TensorType> types(node.inputs.size());
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const ValueId input = node.inputs[i];
    if (!input) continue;
    const Tensor& constant = program_->constants[input.index];
    types[i] = facts_[input.index].type;
    if (!constant.present()) continue;
    // Packed weights are float32, whatever the file stores.
    const bool is_half = constant.dtype == DType::f16 || constant.dtype == DType::bf16;
    if (is_half && step.def->floats != ops::Floats::all) {
      NC_TRY(floats[i], with_float(program_->pool, constant, DType::f32));
    } else {
      floats[i] = constant;
    }
    types[i] = {floats[i].dtype, constant.shape};
    constants[i] = &floats[i];
  }
  auto prepared = step.def->prepare({node.op, constants, types, node.inputs, nullptr, program_->options.winograd});
  if (!prepared) {
    Error error = std::move(prepared).error();
    error.where = graph().label(step.node);
    return std::unexpected(std::move(error));
  }
  step.prepared = std::move(*prepared);
  return {};
}

Status Compiler::prepare_steps() {
  for (ScopeProgram& scope : program_->scopes) {
    for (Step& step : scope.steps) NC_CHECK(prepare(step));
  }
  return {};
}

// Lets go of constants that only packed weights were made of; their shapes stay. Copies the others if asked to.
Status Compiler::settle_constants() {
  constexpr std::size_t kSmall = ops::kMaxInts * sizeof(int64_t);  // shapes may follow from the elements
  std::vector<bool> is_read(program_->constants.size(), false);
  const auto read = [&](ValueId value) {
    if (value) is_read[value.index] = true;
  };
  for (uint32_t i = 0; i < program_->scopes.size(); ++i) {
    if (!program_->scopes[i].compiled) continue;
    for (const ValueId output : graph().scopes[i].outputs) read(output);
    for (const Step& step : program_->scopes[i].steps) {
      if (step.prepared != nullptr) continue;
      for (const ValueId input : graph()[step.node].inputs) read(input);
    }
  }
  for (std::size_t i = 0; i < is_read.size(); ++i) {
    Tensor& constant = program_->constants[i];
    if (!constant.present()) continue;
    if (is_read[i] || constant.bytes() <= kSmall) {
      if (program_->options.detach) NC_CHECK(own_bytes(program_->pool, constant));
    } else {
      constant.buffer.reset();
      constant.data = nullptr;
    }
  }
  return {};
}

Result<std::unique_ptr<Program>> Compiler::compile(ScopeId scope) {
  NC_CHECK(load_constants());
  NC_TRY(facts_, infer_types(graph(), program_->files));
  NC_CHECK(compile_scope(scope));
  for (uint32_t i = 0; i < program_->scopes.size(); ++i) mark_uses(ScopeId(i));
  NC_CHECK(prepare_steps());
  NC_CHECK(settle_constants());
  return std::move(program_);
}

void find_missing(const Graph& graph, ScopeId scope, std::vector<MissingOp>& missing) {
  for (const NodeId id : graph[scope].nodes) {
    const Node& node = graph[id];
    if (!runs(node)) missing.push_back({id, op_text(graph, node)});
    for (const ScopeId body : node.bodies) find_missing(graph, body, missing);
  }
}

}  // namespace

Program::~Program() {
  // Tensors give their bytes back to the pool, so they go first.
  scopes.clear();
  constants.clear();
  converted.clear();
}

std::vector<MissingOp> missing_ops(const Graph& graph, ScopeId scope) {
  std::vector<MissingOp> missing;
  find_missing(graph, scope, missing);
  return missing;
}

Result<std::unique_ptr<Program>> compile(const Graph& graph, const Files& files, ScopeId scope,
                                         const CompileOptions& options) {
  return Compiler(graph, files, options).compile(scope);
}

}  // namespace narrowcast::exec
