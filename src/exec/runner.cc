#include "exec/runner.h"

#include <algorithm>

#include "exec/arrange.h"
#include "exec/evaluate.h"

namespace narrowcast::exec {
namespace {

using ops::Tensor;

constexpr int kMaxDepth = 64;  // of graphs inside of each other; TFLite's may call each other in a circle

std::string type_text(DType dtype, const Shape& shape) {
  return std::string(dtype_name(dtype)) + " " + shape_text(shape);
}

bool fits(const Shape& shape, const Shape& declared) {
  if (shape.size() != declared.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (declared[i] >= 0 && declared[i] != shape[i]) return false;
  }
  return true;
}

}  // namespace

Runner::Runner(Program& program, ScopeId scope) : program_(program), scope_(scope) {
  values_.resize(program.graph.values.size());
}

std::size_t Runner::step_count() const { return program_.scopes[scope_.index].steps.size(); }

Status Runner::check_input(std::size_t index, const Tensor& tensor) const {
  const Value& value = program_.graph[program_.graph[scope_].inputs[index]];
  const Shape& declared = value.type.shape ? *value.type.shape : tensor.shape;
  const bool dtype_fits = value.type.dtype == DType::unknown || value.type.dtype == tensor.dtype;
  if (dtype_fits && fits(tensor.shape, declared)) return {};
  return fail(ErrorCode::usage,
              "The model wants " + type_text(value.type.dtype, declared) + " here, not " +
                  type_text(tensor.dtype, tensor.shape) + ".",
              value.name);
}

Status Runner::start(std::span<const Tensor> inputs) {
  const Scope& scope = program_.graph[scope_];
  if (inputs.size() != scope.inputs.size()) {
    return fail(ErrorCode::usage, "The model has " + std::to_string(scope.inputs.size()) + " inputs, not " +
                                      std::to_string(inputs.size()) + ".");
  }
  for (Tensor& left : values_) {
    if (left.present()) left.clear();
  }
  times_.assign(clock_ == nullptr ? 0 : program_.graph.nodes.size(), {});
  next_ = 0;
  depth_ = 0;
  cancelled_ = false;
  program_.pool.reset_peak();
  held_ = program_.pool.live();
  bound_ = held_;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (program_.constants[scope.inputs[i].index].present()) continue;
    NC_CHECK(check_input(i, inputs[i]));
    if (observer_ != nullptr) observer_->see(scope.inputs[i], inputs[i]);
    values_[scope.inputs[i].index] = inputs[i];
  }
  return {};
}

Result<bool> Runner::step() {
  std::vector<Step>& steps = program_.scopes[scope_.index].steps;
  NC_CHECK(keep_going());
  if (next_ < steps.size()) NC_CHECK(run_timed(steps[next_++]));
  return next_ >= steps.size();
}

Status Runner::keep_going() {
  if (cancelled_) return fail(ErrorCode::cancelled, "The run was stopped.");
  return {};
}

const Tensor& Runner::value(ValueId id) const {
  const Tensor& constant = program_.constants[id.index];
  return constant.present() ? constant : values_[id.index];
}

void Runner::store(ValueId id, Tensor& tensor) {
  if (observer_ != nullptr) observer_->see(id, tensor);
  std::swap(values_[id.index], tensor);
}

Status Runner::run_timed(Step& step) {
  if (clock_ == nullptr || depth_ > 0) return run_step(step);
  const double before = clock_();
  const Status status = run_step(step);
  StepTime& time = times_[step.node.index];
  time.node = step.node;
  time.ms += clock_() - before;
  ++time.runs;
  // A joined step leaves what its last node makes.
  for (const ValueId output : (step.absorbed.empty() ? step : step.absorbed.back()).outputs) {
    if (output && values_[output.index].present()) time.bytes += values_[output.index].bytes();
  }
  return status;
}

Status Runner::run_step(Step& step) {
  if (step.rows != nullptr) {
    NC_CHECK(rows_fit(*step.rows) ? run_row_chain(step) : run_apart(step));
  } else if (!step.chain.empty()) {
    NC_CHECK(run_chain(step));
  } else {
    NC_CHECK(run_alone(step));
  }
  // What the step needed for itself is gone, what it reads for the last time is not.
  bound_ = std::max(bound_, program_.pool.live());
  for (const ValueId value : step.frees) values_[value.index].clear();
  return {};
}

Status Runner::make_state(ValueId id) {
  const Value& state = program_.graph[id];
  const bool known = state.type.shape && std::ranges::all_of(*state.type.shape, [](int64_t n) { return n >= 0; });
  if (state.producer || state.constant || !known || dtype_bits(state.type.dtype) == 0) {
    return fail(ErrorCode::unsupported, "The operand '" + state.name + "' has no elements to read.");
  }
  NC_TRY(values_[id.index], ops::make_tensor(program_.pool, state.type.dtype, *state.type.shape));
  std::fill_n(values_[id.index].writable<uint8_t>(), values_[id.index].bytes(), uint8_t{0});
  return {};
}

Result<std::span<const Operand>> Runner::operands_of(Step& step) {
  const Node& node = program_.graph[step.node];
  std::vector<Operand>& operands = step.work.operands;
  operands.resize(step.inputs.size());
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const ValueId input = step.inputs[i];
    if (!input) continue;
    const Tensor& constant = program_.constants[input.index];
    if (constant.present()) {
      operands[i] = {&constant, input, true, false};
      continue;
    }
    if (!values_[input.index].present()) {
      const bool tflite = node.op.domain == kTfliteDomain;
      Status made = tflite ? make_state(input)
                           : fail(ErrorCode::unsupported,
                                  "The operand '" + program_.graph[input].name + "' has no elements to read.");
      if (!made) {
        made.error().where = program_.graph.label(step.node);
        return std::unexpected(std::move(made).error());
      }
    }
    operands[i] = {&values_[input.index], input, false, step.last_use[i]};
  }
  return std::span<const Operand>(operands);
}

Status Runner::run_node(Step& step, std::span<const Operand> operands, const kernels::Epilogue& epilogue,
                        ValueId renamed) {
  NC_CHECK(evaluate(program_, step, operands, epilogue, *this));
  std::vector<Tensor>& results = step.work.results;
  for (std::size_t i = 0; i < step.outputs.size() && i < results.size(); ++i) {
    if (step.wanted[i] == 0 || !results[i].present()) continue;
    store(i == 0 && renamed ? renamed : step.outputs[i], results[i]);
  }
  for (Tensor& left : results) left.clear();
  return {};
}

Status Runner::run_alone(Step& step) {
  NC_TRY(const std::span<const Operand> operands, operands_of(step));
  NC_CHECK(infer_step(program_, step, operands));
  return run_node(step, operands, {}, ValueId());
}

Status Runner::run_apart(Step& step) {
  NC_CHECK(run_alone(step));
  for (Step& joined : step.absorbed) NC_CHECK(run_alone(joined));
  return {};
}

// Whether the chain's tensors and constants have the result's true shape.
Result<bool> Runner::chain_fits(Step& step, std::span<const Operand> operands) const {
  if (!step.chain.starts_itself) NC_CHECK(infer_step(program_, step, operands));
  const Shape* shape = nullptr;
  if (step.chain.starts_itself) {
    shape = &value(step.chain.tensors[0]).shape;
  } else {
    const ops::ValueFact& fact = step.cache.results[0];
    if (fact.type.dtype != DType::f32 || step.cache.declared[0] != DType::f32 || !fact.type.shape) return false;
    shape = &*fact.type.shape;
    // The chain runs on rows of this shape before the op has compared it with its operands.
    if (shape->empty() || std::ranges::any_of(*shape, [](int64_t size) { return size < 0; })) return false;
    if (step.def->layouts == ops::Layouts::image && (shape->size() < 3 || shape->size() > 4)) return false;
  }
  if (step.chain.least_rank > shape->size()) return false;
  const std::size_t axis = step.def->absorbs == ops::Absorbs::along_axis_1 ? 1 : shape->size() - 1;
  for (const std::vector<float>& channels : step.chain.channels) {
    if (axis >= shape->size() || channels.size() != static_cast<std::size_t>((*shape)[axis])) return false;
  }
  return std::ranges::all_of(step.chain.tensors,
                             [&](ValueId id) { return value(id).dtype == DType::f32 && value(id).shape == *shape; });
}

Status Runner::begin_chain(Step& step, ops::Layout layout, std::size_t row_length) {
  for (const ValueId id : step.chain.tensors) {
    NC_TRY(Tensor tensor, with_layout(program_.pool, value(id), layout));
    step.chain_run.add_tensor(std::move(tensor));
  }
  return step.chain_run.begin(step.chain, program_.pool, row_length);
}

// A chain without a kernel before it: stretch by stretch from its tensors to a new one.
Status Runner::run_lone_chain(Step& step) {
  const Tensor& first = value(step.chain.tensors[0]);
  const bool dies = std::ranges::find(step.frees, step.chain.tensors[0]) != step.frees.end();
  Tensor result;
  if (dies && first.buffer.use_count() == 1) {
    result = first;
  } else {
    NC_CHECK(ops::make_tensor_at(result, program_.pool, DType::f32, first.shape, first.layout));
  }
  const std::size_t count = result.count();
  NC_CHECK(begin_chain(step, result.layout, count));
  step.chain_run.run(result.writable<float>(), 0, 1);
  store(step.absorbed.empty() ? step.outputs[0] : step.absorbed.back().outputs[0], result);
  return {};
}

Status Runner::run_kernel_chain(Step& step, std::span<const Operand> operands) {
  const Shape& shape = *step.cache.results[0].type.shape;
  const bool is_image = step.def->layouts == ops::Layouts::image;
  const auto row_length = static_cast<std::size_t>(is_image ? shape[1] : shape.back());
  NC_CHECK(begin_chain(step, is_image ? ops::Layout::channels_last : ops::Layout::plain, row_length));
  return run_node(step, operands, step.chain_run.epilogue(), step.absorbed.back().outputs[0]);
}

bool Runner::rows_fit(const RowChain& chain) const {
  const Tensor& first = value(chain.tensors[0]);
  if (first.rank() < chain.least_rank || first.shape.back() <= 0) return false;
  const auto length = static_cast<std::size_t>(first.shape.back());
  return std::ranges::all_of(chain.channels, [&](const auto& channels) { return channels.size() == length; }) &&
         std::ranges::all_of(chain.tensors, [&](ValueId id) {
           const Tensor& tensor = value(id);
           // Where the last axis does not lie innermost, its sums have another order.
           return tensor.layout == ops::Layout::plain && tensor.dtype == DType::f32 && tensor.data != nullptr &&
                  tensor.shape == first.shape;
         });
}

Status Runner::run_row_chain(Step& step) {
  const RowChain& chain = *step.rows;
  const Tensor& first = value(chain.tensors[0]);
  std::array<const float*, kMostRowTensors> tensors{};
  for (std::size_t i = 0; i < chain.tensors.size(); ++i) tensors[i] = value(chain.tensors[i]).as<float>();
  const auto length = static_cast<std::size_t>(first.shape.back());
  Tensor scratch;
  const auto floats = static_cast<int64_t>(chain.lines * length + chain.numbers);
  NC_CHECK(ops::make_tensor_at(scratch, program_.pool, DType::f32, {floats}, ops::Layout::plain));
  Tensor result;
  NC_CHECK(ops::make_tensor_at(result, program_.pool, DType::f32, first.shape, ops::Layout::plain));
  run_rows(chain, tensors, first.count() / length, length, scratch.writable<float>(), result.writable<float>());
  store(step.absorbed.back().outputs[0], result);
  return {};
}

Status Runner::run_chain(Step& step) {
  NC_TRY(const std::span<const Operand> operands, operands_of(step));
  NC_TRY(const bool fits, chain_fits(step, operands));
  if (!fits) return run_apart(step);
  Status status = step.chain.starts_itself ? run_lone_chain(step) : run_kernel_chain(step, operands);
  step.chain_run.end();
  return status;
}

Result<Tensor> Runner::plain(const Tensor& tensor) { return with_layout(program_.pool, tensor, ops::Layout::plain); }

TensorType Runner::body_result(ScopeId body, std::size_t slot) const {
  const std::vector<ValueId>& outputs = program_.graph[body].outputs;
  return slot < outputs.size() && outputs[slot] ? program_.graph[outputs[slot]].type : TensorType{};
}

Result<std::vector<Tensor>> Runner::run_body(ScopeId body, std::vector<Tensor> inputs) {
  const Scope& scope = program_.graph[body];
  if (depth_ >= kMaxDepth) return fail(ErrorCode::unsupported, "Graphs call each other too deep.");
  // Before IR version 4, a body's constants are listed as inputs too.
  while (inputs.size() < scope.inputs.size() && program_.constants[scope.inputs[inputs.size()].index].present()) {
    inputs.emplace_back();
  }
  if (inputs.size() != scope.inputs.size()) {
    return fail(ErrorCode::malformed, "A body takes " + std::to_string(scope.inputs.size()) + " inputs, but gets " +
                                          std::to_string(inputs.size()) + ".");
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (observer_ != nullptr && inputs[i].present()) observer_->see(scope.inputs[i], inputs[i]);
    values_[scope.inputs[i].index] = std::move(inputs[i]);
  }
  ++depth_;
  for (Step& step : program_.scopes[body.index].steps) {
    if (Status status = keep_going(); !status) return std::unexpected(std::move(status).error());
    if (Status status = run_step(step); !status) return std::unexpected(std::move(status).error());
  }
  --depth_;
  std::vector<Tensor> outputs;
  for (const ValueId output : scope.outputs) {
    const Tensor& made = value(output);
    if (!made.present())
      return fail(ErrorCode::malformed, "A body does not make its result.", program_.graph[output].name);
    NC_TRY(Tensor tensor, plain(made));
    outputs.push_back(std::move(tensor));
  }
  for (const ValueId input : scope.inputs) values_[input.index] = {};
  for (const ValueId output : scope.outputs) {
    if (program_.graph[output].scope == body) values_[output.index] = {};
  }
  return outputs;
}

Result<std::vector<Tensor>> Runner::results() {
  std::vector<Tensor> outputs;
  for (const ValueId output : program_.graph[scope_].outputs) {
    const Tensor& made = value(output);
    if (!made.present()) return fail(ErrorCode::malformed, "Nothing makes this result.", program_.graph[output].name);
    NC_TRY(Tensor tensor, plain(made));
    outputs.push_back(std::move(tensor));
  }
  return outputs;
}

}  // namespace narrowcast::exec
