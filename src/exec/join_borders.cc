#include <algorithm>

#include "exec/fuse.h"
#include "ops/border.h"

namespace narrowcast::exec {
namespace {

constexpr int kMostSpatial = 2;

bool takes(const ops::OpDef& def, const ops::Border& border) {
  if (def.takes_border_from < 0) return false;
  for (std::size_t i = 0; i < border.before.size(); ++i) {
    const int axis = static_cast<int>(i) - def.takes_border_from;
    const bool is_spatial = axis >= 0 && axis < kMostSpatial;
    if (!is_spatial && border.before[i] + border.after[i] != 0) return false;
  }
  return true;
}

bool is_bare_f32(const Program& program, ValueId value, std::size_t rank, std::span<const ops::ValueFact> facts) {
  const TensorType& type = facts[value.index].type;
  return type.dtype == DType::f32 && type.shape && type.shape->size() == rank && !program.graph[value].quant;
}

// The border that the step puts around its first operand, when that is all it does.
Result<std::optional<ops::Border>> border_of(Program& program, const Step& step,
                                             std::span<const ops::ValueFact> facts) {
  if (step.def->border == nullptr || step.outputs.size() != 1 || !step.outputs[0]) return std::nullopt;
  if (step.inputs.empty() || !step.inputs[0]) return std::nullopt;
  NC_TRY(const ConstantOperands operands, constant_operands(program, step, facts));
  auto border = step.def->border({program.graph[step.node].op, operands.pointers, step.inputs});
  if (!border || operands.pointers[0] != nullptr) return std::nullopt;
  const std::size_t rank = border->before.size();
  const bool fits = border->after.size() == rank && is_bare_f32(program, step.inputs[0], rank, facts) &&
                    is_bare_f32(program, step.outputs[0], rank, facts);
  return fits ? std::move(border) : std::nullopt;
}

}  // namespace

Status join_borders(Program& program, ScopeId scope, std::span<const ops::ValueFact> facts) {
  std::vector<Step>& steps = program.scopes[scope.index].steps;
  const std::vector<Readers> readers = find_readers(program, scope);
  std::vector<bool> is_gone(steps.size(), false);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    NC_TRY(auto border, border_of(program, steps[i], facts));
    if (!border) continue;
    const Readers& who = readers[steps[i].outputs[0].index];
    if (who.escapes || who.steps.size() != 1) continue;
    Step& reader = steps[who.steps[0]];
    if (reader.border || reader.inputs[0] != steps[i].outputs[0] || !takes(*reader.def, *border)) continue;
    reader.inputs[0] = steps[i].inputs[0];
    reader.border = std::move(*border);
    is_gone[i] = true;
  }
  std::size_t index = 0;
  std::erase_if(steps, [&](const Step&) { return is_gone[index++]; });
  return {};
}

}  // namespace narrowcast::exec
