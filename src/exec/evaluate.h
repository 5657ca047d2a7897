// One node: operands brought into form, shapes inferred, the op's eval, results brought back.
#pragma once

#include "exec/program.h"

namespace narrowcast::exec {

// What follows for the results from the operands' shapes; kept in step.cache until they change.
// Errors: malformed, naming the node; unsupported, when the step is being run already (graphs that call themselves).
Status infer_step(const Program& program, Step& step, std::span<const Operand> operands);

// After infer_step on the same operands, which may be step.work.operands. Results lie in step.work.results until the
// next call. Errors: those of the op, naming the node.
Status evaluate(Program& program, Step& step, std::span<const Operand> operands, const kernels::Epilogue& epilogue,
                ops::BodyRunner& bodies);

}  // namespace narrowcast::exec
