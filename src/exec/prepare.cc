#include "exec/arrange.h"
#include "exec/fuse.h"

namespace narrowcast::exec {

Result<ConstantOperands> constant_operands(Program& program, const Step& step, std::span<const ops::ValueFact> facts) {
  const Node& node = program.graph[step.node];
  const std::size_t count = node.inputs.size();
  ConstantOperands operands;
  operands.tensors.resize(count);
  operands.pointers.resize(count, nullptr);
  operands.types.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const ValueId input = node.inputs[i];
    if (!input) continue;
    const ops::Tensor& constant = program.constants[input.index];
    operands.types[i] = facts[input.index].type;
    if (!constant.present()) continue;
    // Packed weights are float32, whatever the file stores.
    const bool is_half = constant.dtype == DType::f16 || constant.dtype == DType::bf16;
    if (is_half && step.def->floats != ops::Floats::all) {
      NC_TRY(operands.tensors[i], with_float(program.pool, constant, DType::f32));
    } else {
      operands.tensors[i] = constant;
    }
    operands.types[i] = {operands.tensors[i].dtype, constant.shape};
    operands.pointers[i] = &operands.tensors[i];
  }
  return operands;
}

Status prepare_step(Program& program, Step& step, std::span<const ops::ValueFact> facts,
                    const ops::ChannelAffine* affine) {
  if (step.def->prepare == nullptr) return {};
  const Node& node = program.graph[step.node];
  NC_TRY(const ConstantOperands operands, constant_operands(program, step, facts));
  auto prepared =
      step.def->prepare({node.op, operands.pointers, operands.types, node.inputs, affine, program.options.winograd});
  if (!prepared) {
    Error error = std::move(prepared).error();
    error.where = program.graph.label(step.node);
    return std::unexpected(std::move(error));
  }
  step.prepared = std::move(*prepared);
  return {};
}

}  // namespace narrowcast::exec
