// Runs a program, one node at a time, so that callers can show progress, measure and stop in between.
#pragma once

#include <string_view>

#include "exec/evaluate.h"
#include "exec/program.h"

namespace narrowcast::exec {

// Sees every value that is made, in order; those of a body in every run of it. Which values those are depends on how
// nodes were joined; CompileOptions::keep names the ones that must be among them. The tensor is gone afterwards.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void see(ValueId value, const ops::Tensor& tensor) = 0;
};

// A clock in milliseconds, given by the shell; null: nothing is timed.
using Clock = double (*)();

// Bytes that the program's pool held: before a run (constants, inputs), at most during it, and what the run cannot do
// without in its order of nodes: the operands and results of the step that needs most, with what later steps read.
struct RunMemory {
  std::size_t held = 0;
  std::size_t peak = 0;
  std::size_t bound = 0;
};

struct StepTime {
  NodeId node;
  double ms = 0;
  uint64_t bytes = 0;  // of the results
  uint64_t runs = 0;
};

class Runner final : public ops::BodyRunner {
 public:
  Runner(Program& program, ScopeId scope);

  // One tensor an input of the scope, in its order. Their bytes must stay until the run is over, unless they have a
  // buffer of their own; nothing is written over them while the caller holds them. Errors: usage, naming the input
  // whose type or shape the model does not take.
  Status start(std::span<const ops::Tensor> inputs);
  // Runs the next node. True when there is none left.
  Result<bool> step();
  [[nodiscard]] ScopeId scope() const { return scope_; }
  [[nodiscard]] std::size_t steps_done() const { return next_; }
  [[nodiscard]] std::size_t step_count() const;
  // After step() said true: results in the scope's order, as plain tensors.
  Result<std::vector<ops::Tensor>> results();

  void observe(Observer* observer) { observer_ = observer; }
  void profile(Clock clock) { clock_ = clock; }
  [[nodiscard]] const std::vector<StepTime>& times() const { return times_; }
  [[nodiscard]] RunMemory memory() const { return {held_, program_.pool.peak(), bound_}; }
  // Makes the run stop with `cancelled` at the next node, also inside of loops.
  void cancel() { cancelled_ = true; }

  [[nodiscard]] TensorType body_result(ScopeId body, std::size_t slot) const override;
  Result<std::vector<ops::Tensor>> run_body(ScopeId body, std::vector<ops::Tensor> inputs) override;
  Status keep_going() override;

 private:
  Status check_input(std::size_t index, const ops::Tensor& tensor) const;
  // The tensor becomes the value; what is left of it is of no use.
  void store(ValueId value, ops::Tensor& tensor);
  const ops::Tensor& value(ValueId id) const;
  Status run_step(Step& step);
  Status run_timed(Step& step);
  Status run_chain(Step& step);
  Result<std::span<const Operand>> operands_of(Step& step);
  // A tensor of TFLite that nothing makes is a state, which starts as zeros.
  Status make_state(ValueId value);
  Status run_node(Step& step, std::span<const Operand> operands, const kernels::Epilogue& epilogue, ValueId renamed);
  Status run_alone(Step& step);
  // A joined step's nodes one by one.
  Status run_apart(Step& step);
  // Whether the chain's tensors and constants have one shape, rows innermost.
  [[nodiscard]] bool rows_fit(const RowChain& chain) const;
  Status run_row_chain(Step& step);
  Result<bool> chain_fits(Step& step, std::span<const Operand> operands) const;
  // Hands a chain that fits its tensors, in that layout.
  Status begin_chain(Step& step, ops::Layout layout, std::size_t row_length);
  Status run_lone_chain(Step& step);
  Status run_kernel_chain(Step& step, std::span<const Operand> operands);
  Result<ops::Tensor> plain(const ops::Tensor& tensor);

  Program& program_;
  ScopeId scope_;
  std::vector<ops::Tensor> values_;  // by ValueId
  std::size_t next_ = 0;
  int depth_ = 0;
  Observer* observer_ = nullptr;
  Clock clock_ = nullptr;
  std::vector<StepTime> times_;  // by NodeId
  std::size_t held_ = 0;
  std::size_t bound_ = 0;
  bool cancelled_ = false;
};

}  // namespace narrowcast::exec
