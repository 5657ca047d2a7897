// Joins steps of a scope: analyses on the order of steps, before anything runs.
#pragma once

#include "exec/program.h"

namespace narrowcast::exec {

// Who reads a value within a scope, and whether somebody outside does.
struct Readers {
  std::vector<std::size_t> steps;  // by index, ascending; twice when read twice
  bool escapes = false;            // a result of the scope, or read by a body
};
std::vector<Readers> find_readers(const Program& program, ScopeId scope);

// By value: the index of the step that makes it, SIZE_MAX where none does.
std::vector<std::size_t> find_makers(const Program& program, ScopeId scope);

// Steps that become part of an earlier one.
class Joined {
 public:
  explicit Joined(std::vector<Step>& steps) : steps_(steps), taken_(std::make_unique<bool[]>(steps.size() + 1)) {}
  [[nodiscard]] std::span<const bool> is_taken() const { return {taken_.get(), steps_.size()}; }
  void take(std::size_t first, std::span<const std::size_t> members);
  // Drops the steps that were taken.
  void drop();

 private:
  std::vector<Step>& steps_;
  std::unique_ptr<bool[]> taken_;
};

// The lane of a step that can join others: one float32 result, operands that are there.
std::optional<ops::Lane> lane_of(const Program& program, const Step& step, std::span<const ops::ValueFact> facts);

// Lets steps read their first operand with a border of zeros, where that is all a step before them makes, and drops
// that one. Results are the same bits. Errors: those of constant_operands().
Status join_borders(Program& program, ScopeId scope, std::span<const ops::ValueFact> facts);

// Multiplies what follows as a constant factor and shift by channel (BatchNormalization, Mul, Add) into the weights of
// steps that can take it, and drops those steps. `facts` by value.
// Before: steps in order, folded. After: weights differ in the last bit from the model's own.
// Errors: those of prepare().
Status fold_affine(Program& program, ScopeId scope, std::span<const ops::ValueFact> facts);

// Joins what follows on a reduction of the last axis to it, where it goes on row by row. Results are the same bits.
void join_rows(Program& program, ScopeId scope, std::span<const ops::ValueFact> facts);
// Joins element-wise steps to the steps they follow. Results are the same bits.
void join_chains(Program& program, ScopeId scope, std::span<const ops::ValueFact> facts);

// Constants by slot for prepare() and lanes, with float16 widened.
struct ConstantOperands {
  std::vector<ops::Tensor> tensors;
  std::vector<const ops::Tensor*> pointers;  // null where the operand is absent or made at run time
  std::vector<TensorType> types;
};
Result<ConstantOperands> constant_operands(Program& program, const Step& step, std::span<const ops::ValueFact> facts);
// Runs the op's prepare(). Errors: its own, naming the node.
Status prepare_step(Program& program, Step& step, std::span<const ops::ValueFact> facts,
                    const ops::ChannelAffine* affine);

}  // namespace narrowcast::exec
