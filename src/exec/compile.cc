#include <algorithm>
#include <ranges>

#include "exec/constants.h"
#include "exec/evaluate.h"
#include "exec/fuse.h"
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

// Everything a step and what joined it read, operands of the step itself first.
std::vector<ValueId> values_read(const Step& step) {
  std::vector<ValueId> read = step.inputs;
  read.insert(read.end(), step.captured.begin(), step.captured.end());
  for (const Step& joined : step.absorbed) {
    read.insert(read.end(), joined.inputs.begin(), joined.inputs.end());
  }
  return read;
}

// What is made within a joined step for the nodes after, when they run one by one.
bool made_within(const Step& step, ValueId value) {
  const auto makes = [&](const Step& s) { return std::ranges::find(s.outputs, value) != s.outputs.end(); };
  return makes(step) || std::ranges::any_of(step.absorbed, makes);
}

void mark_step(const Program& program, ScopeId scope, Step& step, std::vector<bool>& is_read) {
  const Graph& graph = program.graph;
  for (std::size_t i = 0; i < step.outputs.size(); ++i) {
    step.wanted[i] = step.outputs[i] && is_read[step.outputs[i].index] ? 1 : 0;
  }
  const std::vector<ValueId> read = values_read(step);
  const std::size_t own = step.inputs.size();
  step.last_use.assign(own, false);
  for (std::size_t i = 0; i < read.size(); ++i) {
    const ValueId value = read[i];
    if (!value || is_read[value.index] || program.constants[value.index].present()) continue;
    const bool within = made_within(step, value);
    if (graph[value].scope != scope && !within) continue;
    // What a joined node reads too must outlast the first one.
    const bool read_again = std::find(read.begin() + static_cast<std::ptrdiff_t>(own), read.end(), value) != read.end();
    if (i < own && !read_again) step.last_use[i] = true;
    if (std::ranges::find(step.frees, value) == step.frees.end()) step.frees.push_back(value);
  }
  for (Step& joined : step.absorbed) {
    joined.wanted.assign(joined.outputs.size(), 1);
    joined.last_use.assign(joined.inputs.size(), false);
  }
  if (!step.absorbed.empty()) step.wanted.assign(step.outputs.size(), 1);
  for (const ValueId value : read) {
    if (value) is_read[value.index] = true;
  }
}

// Last uses and results that nobody reads, within one scope.
void mark_uses(Program& program, ScopeId scope) {
  std::vector<bool> is_read(program.graph.values.size(), false);
  for (const ValueId output : program.graph[scope].outputs) {
    if (output) is_read[output.index] = true;
  }
  std::vector<Step>& steps = program.scopes[scope.index].steps;
  for (Step& step : std::views::reverse(steps)) mark_step(program, scope, step, is_read);
}

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
  Status fuse(ScopeId scope);
  [[nodiscard]] std::vector<ValueId> read_by(const Step& step) const;
  Status settle_constants();

  std::unique_ptr<Program> program_;
  std::vector<ops::ValueFact> facts_;
};

Status Compiler::load_constants() {
  for (uint32_t i = 0; i < graph().values.size(); ++i) {
    const Value& value = graph().values[i];
    if (!value.constant || (value.is_sparse && value.dense == nullptr)) continue;
    const auto load = [&](const Constant& constant) {
      return load_constant(program_->pool, program_->files, constant);
    };
    NC_TRY(program_->constants[i],
           value.is_sparse ? load({value.constant->dtype, value.constant->shape, value.dense}) : load(*value.constant));
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
  NC_CHECK(evaluate(*program_, step, operands, {}, bodies));
  std::vector<Tensor>& results = step.work.results;
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
    step.inputs = node.inputs;
    step.outputs = node.outputs;
    step.wanted.assign(node.outputs.size(), 1);
    NC_TRY(const bool folded, fold(step));
    if (folded) continue;
    step.captured = captured_values(graph(), id);
    for (const ScopeId body : node.bodies) NC_CHECK(compile_scope(body));
    steps.push_back(std::move(step));
  }
  program_->scopes[scope.index].steps = std::move(steps);
  return {};
}

// Packs weights and joins steps.
Status Compiler::fuse(ScopeId scope) {
  for (Step& step : program_->scopes[scope.index].steps) NC_CHECK(prepare_step(*program_, step, facts_, nullptr));
  if (!program_->options.fuse) return {};
  NC_CHECK(join_borders(*program_, scope, facts_));
  if (program_->options.keep.empty()) NC_CHECK(fold_affine(*program_, scope, facts_));
  join_rows(*program_, scope, facts_);
  join_chains(*program_, scope, facts_);
  return {};
}

// Operands that the step reads as they are: all but the weights that prepare() packed. A constant in the first slot is
// never one of those.
std::vector<ValueId> Compiler::read_by(const Step& step) const {
  std::vector<ValueId> inputs = step.inputs;
  if (step.prepared == nullptr || step.def->rule == nullptr) return inputs;
  std::vector<TensorType> types;
  for (const ValueId input : inputs) types.push_back(input ? facts_[input.index].type : TensorType{});
  const ops::Rule rule = step.def->rule({graph()[step.node].op, types});
  for (std::size_t i = 1; i < inputs.size() && i < rule.operands.size(); ++i) {
    if (rule.operands[i].role == ops::Role::weight) inputs[i] = {};
  }
  return inputs;
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
      for (const ValueId input : read_by(step)) read(input);
    }
    for (const Step& step : program_->scopes[i].steps) {
      for (const Step& joined : step.absorbed) {
        for (const ValueId input : joined.inputs) read(input);
      }
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
  for (uint32_t i = 0; i < program_->scopes.size(); ++i) {
    NC_CHECK(fuse(ScopeId(i)));
    mark_uses(*program_, ScopeId(i));
  }
  NC_CHECK(settle_constants());
  return std::move(program_);
}

}  // namespace

Program::~Program() {
  // Tensors give their bytes back to the pool, so they go first.
  scopes.clear();
  constants.clear();
  converted.clear();
}

std::vector<MissingOp> missing_ops(const Graph& graph) {
  std::vector<MissingOp> missing;
  for (const Scope& scope : graph.scopes) {
    for (const NodeId id : scope.nodes) {
      if (!runs(graph[id])) missing.push_back({id, op_text(graph, graph[id])});
    }
  }
  return missing;
}

Result<std::unique_ptr<Program>> compile(const Graph& graph, const Files& files, ScopeId scope,
                                         const CompileOptions& options) {
  return Compiler(graph, files, options).compile(scope);
}

}  // namespace narrowcast::exec
