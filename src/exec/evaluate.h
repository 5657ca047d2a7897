// One node: operands brought into form, shapes inferred, the op's eval, results brought back.
#pragma once

#include "exec/program.h"

namespace narrowcast::exec {

// Operand values by slot; null where absent. `value` names it when it is a constant of the program: what is converted
// of it is then kept for the next run.
struct Operand {
  const ops::Tensor* tensor = nullptr;
  ValueId value;
  bool is_constant = false;
  bool reusable = false;
};

// What follows for the results from the operands' shapes; kept in step.cache until they change.
// Errors: malformed, naming the node.
Status infer_step(const Program& program, Step& step, std::span<const Operand> operands);

// Errors: those of the op, naming the node.
Result<std::vector<ops::Tensor>> evaluate(Program& program, Step& step, std::span<const Operand> operands,
                                          const kernels::Epilogue& epilogue, ops::BodyRunner& bodies);

}  // namespace narrowcast::exec
