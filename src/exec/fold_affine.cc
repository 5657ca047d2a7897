#include <algorithm>

#include "exec/fuse.h"

namespace narrowcast::exec {
namespace {

// Where the channels of a step's result lie.
struct Channels {
  std::size_t rank;
  std::size_t axis;
  std::size_t count;
};

std::optional<Channels> channels_of(const Step& step, std::span<const ops::ValueFact> facts) {
  const auto& shape = facts[step.outputs[0].index].type.shape;
  if (!shape || shape->size() < 2) return std::nullopt;
  const std::size_t axis = step.def->absorbs == ops::Absorbs::along_axis_1 ? 1 : shape->size() - 1;
  if ((*shape)[axis] <= 0) return std::nullopt;
  return Channels{shape->size(), axis, static_cast<std::size_t>((*shape)[axis])};
}

bool can_fold(const Program& program, const Step& step) {
  const RawOp& op = program.graph[step.node].op;
  return step.def->folds_affine != nullptr && step.def->folds_affine(op) && step.prepared != nullptr &&
         step.outputs.size() == 1 && step.outputs[0];
}

void follow(ops::ChannelAffine& whole, const ops::ChannelAffine& next) {
  for (std::size_t i = 0; i < whole.scale.size(); ++i) {
    whole.scale[i] = whole.scale[i] * next.scale[i];
    whole.shift[i] = whole.shift[i] * next.scale[i] + next.shift[i];
  }
}

// What the only reader of the step's result does, when it is a factor and a shift by channel.
Result<std::optional<ops::ChannelAffine>> affine_of(Program& program, const Step& reader, ValueId value,
                                                    const Channels& channels, std::span<const ops::ValueFact> facts) {
  if (reader.def->affine == nullptr || reader.outputs.empty() || !reader.outputs[0]) return std::nullopt;
  const Node& node = program.graph[reader.node];
  const auto slot = std::ranges::find(node.inputs, value) - node.inputs.begin();
  NC_TRY(const ConstantOperands operands, constant_operands(program, reader, facts));
  const ops::AffineQuery query{node.op,       operands.pointers, static_cast<std::size_t>(slot),
                               channels.rank, channels.axis,     channels.count};
  return reader.def->affine(query);
}

bool makes_finite(const ops::ChannelAffine& affine) {
  const auto finite = [](float x) { return x - x == 0; };
  return std::ranges::all_of(affine.scale, finite) && std::ranges::all_of(affine.shift, finite);
}

// Folds as many readers as follow; returns their indices.
Result<std::vector<std::size_t>> fold_into(Program& program, std::vector<Step>& steps, Step& step,
                                           std::span<const Readers> readers, std::span<const ops::ValueFact> facts) {
  std::vector<std::size_t> folded;
  const auto channels = channels_of(step, facts);
  if (!channels) return folded;
  ops::ChannelAffine whole{std::vector<float>(channels->count, 1.0F), std::vector<float>(channels->count, 0.0F)};
  for (ValueId value = step.outputs[0];; value = step.outputs[0]) {
    const Readers& who = readers[value.index];
    if (who.escapes || who.steps.size() != 1) break;
    const Step& reader = steps[who.steps[0]];
    NC_TRY(const auto next, affine_of(program, reader, value, *channels, facts));
    if (!next || !makes_finite(*next)) break;
    follow(whole, *next);
    folded.push_back(who.steps[0]);
    step.outputs[0] = reader.outputs[0];
  }
  if (folded.empty()) return folded;
  NC_CHECK(prepare_step(program, step, facts, &whole));
  // The shape that the file states for the result may be another one than the weights give.
  if (step.prepared == nullptr) {
    return fail(ErrorCode::malformed, "The result's shape has another number of channels than the weights.",
                program.graph.label(step.node));
  }
  return folded;
}

}  // namespace

Status fold_affine(Program& program, ScopeId scope, std::span<const ops::ValueFact> facts) {
  std::vector<Step>& steps = program.scopes[scope.index].steps;
  const std::vector<Readers> readers = find_readers(program, scope);
  std::vector<bool> is_gone(steps.size(), false);
  for (Step& step : steps) {
    if (!can_fold(program, step)) continue;
    NC_TRY(const std::vector<std::size_t> folded, fold_into(program, steps, step, readers, facts));
    for (const std::size_t i : folded) is_gone[i] = true;
  }
  std::vector<Step> kept;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!is_gone[i]) kept.push_back(std::move(steps[i]));
  }
  steps = std::move(kept);
  return {};
}

}  // namespace narrowcast::exec
