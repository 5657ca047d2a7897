#include "exec/fuse.h"

namespace narrowcast::exec {

std::vector<Readers> find_readers(const Program& program, ScopeId scope) {
  std::vector<Readers> readers(program.graph.values.size());
  const std::vector<Step>& steps = program.scopes[scope.index].steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto read_by = [&](const Step& step) {
      for (const ValueId input : step.inputs) {
        if (input) readers[input.index].steps.push_back(i);
      }
    };
    read_by(steps[i]);
    for (const Step& joined : steps[i].absorbed) read_by(joined);
    for (const ValueId captured : steps[i].captured) readers[captured.index].escapes = true;
  }
  for (const ValueId output : program.graph[scope].outputs) {
    if (output) readers[output.index].escapes = true;
  }
  for (const ValueId kept : program.options.keep) readers[kept.index].escapes = true;
  return readers;
}

std::vector<std::size_t> find_makers(const Program& program, ScopeId scope) {
  std::vector<std::size_t> made_by(program.graph.values.size(), SIZE_MAX);
  const std::vector<Step>& steps = program.scopes[scope.index].steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const ValueId output : steps[i].outputs) {
      if (output) made_by[output.index] = i;
    }
    for (const Step& joined : steps[i].absorbed) {
      for (const ValueId output : joined.outputs) {
        if (output) made_by[output.index] = i;
      }
    }
  }
  return made_by;
}

std::optional<ops::Lane> lane_of(const Program& program, const Step& step, std::span<const ops::ValueFact> facts) {
  if (step.rows != nullptr || step.def->lane == nullptr || step.outputs.size() != 1 || !step.outputs[0]) return {};
  if (facts[step.outputs[0].index].type.dtype != DType::f32) return {};
  std::vector<const ops::Tensor*> constants;
  for (const ValueId input : step.inputs) {
    const bool known = input && program.constants[input.index].present();
    constants.push_back(known ? &program.constants[input.index] : nullptr);
    // A bound that is made at run time must not pass for one that is left out.
    if (input && !known && constants.size() > 2) return {};
  }
  auto lane = step.def->lane({program.graph[step.node].op, constants});
  if (!lane) return {};
  const std::size_t operands = lane->binary ? 2 : 1;
  for (std::size_t i = 0; i < operands; ++i) {
    if (i >= step.inputs.size() || !step.inputs[i]) return {};
  }
  if (!lane->binary && step.inputs.size() > 1 && step.inputs[1] && constants[1] == nullptr) return {};
  return lane;
}

void Joined::take(std::size_t first, std::span<const std::size_t> members) {
  for (const std::size_t member : members) {
    taken_[member] = true;
    steps_[first].absorbed.push_back(std::move(steps_[member]));
  }
}

void Joined::drop() {
  std::vector<Step> kept;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (!taken_[i]) kept.push_back(std::move(steps_[i]));
  }
  steps_ = std::move(kept);
}

}  // namespace narrowcast::exec
