#include <algorithm>

#include "exec/fuse.h"

namespace narrowcast::exec {
namespace {

using Kind = RowSource::Kind;

constexpr std::size_t kNone = SIZE_MAX;
constexpr std::size_t kMostJoined = 16;
constexpr std::size_t kFewestJoined = 3;

// Grows a chain behind one reduction.
class RowJoiner {
 public:
  RowJoiner(Program& program, const std::vector<Step>& steps, std::span<const Readers> readers,
            std::span<const ops::ValueFact> facts, std::span<const std::size_t> made_by, std::size_t first)
      : program_(program), steps_(steps), readers_(readers), facts_(facts), made_by_(made_by), first_(first) {}

  // Indices of the steps that joined the first one, in order; empty when there is nothing to join.
  std::vector<std::size_t> join(std::span<const bool> is_taken);
  RowChain& chain() { return chain_; }

 private:
  bool add_fold(std::size_t index);
  bool add_lane(std::size_t index);
  std::optional<RowSource> source(ValueId value);
  std::optional<RowSource> constant_source(const ops::Tensor& constant);
  void push(std::size_t index, RowStep step);
  [[nodiscard]] bool is_closed() const;
  [[nodiscard]] std::size_t next_candidate(std::size_t after, std::span<const bool> is_taken) const;
  [[nodiscard]] ValueId made(std::size_t member) const { return steps_[members_[member]].outputs[0]; }
  [[nodiscard]] bool is_f32(ValueId value) const { return facts_[value.index].type.dtype == DType::f32; }

  Program& program_;
  const std::vector<Step>& steps_;
  std::span<const Readers> readers_;
  std::span<const ops::ValueFact> facts_;
  std::span<const std::size_t> made_by_;
  std::size_t first_;
  std::vector<std::size_t> members_;  // step by step of the chain
  RowChain chain_;
};

std::optional<RowSource> RowJoiner::constant_source(const ops::Tensor& constant) {
  if (constant.dtype != DType::f32 || constant.data == nullptr) return std::nullopt;
  chain_.least_rank = std::max(chain_.least_rank, constant.rank());
  const auto* elements = constant.as<float>();
  if (constant.count() == 1) return RowSource{Kind::scalar, 0, elements[0]};
  if (constant.rank() == 0 || static_cast<std::size_t>(constant.shape.back()) != constant.count()) return std::nullopt;
  chain_.channels.emplace_back(elements, elements + constant.count());
  return RowSource{Kind::channels, chain_.channels.size() - 1, 0};
}

std::optional<RowSource> RowJoiner::source(ValueId value) {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const RowStep& step = chain_.steps[i];
    if (made(i) == value) return RowSource{step.makes_line() ? Kind::line : Kind::number, step.to, 0};
  }
  const ops::Tensor& constant = program_.constants[value.index];
  if (constant.present()) return constant_source(constant);
  // Everything a chain reads must be there before its first step runs.
  const std::size_t maker = made_by_[value.index];
  if ((maker != kNone && maker >= first_) || !is_f32(value)) return std::nullopt;
  const auto known = std::ranges::find(chain_.tensors, value) - chain_.tensors.begin();
  if (known == static_cast<std::ptrdiff_t>(chain_.tensors.size())) {
    if (chain_.tensors.size() == kMostRowTensors) return std::nullopt;
    chain_.tensors.push_back(value);
  }
  return RowSource{Kind::tensor, static_cast<std::size_t>(known), 0};
}

void RowJoiner::push(std::size_t index, RowStep step) {
  step.to = step.makes_line() ? chain_.lines++ : chain_.numbers++;
  chain_.steps.push_back(step);
  members_.push_back(index);
}

bool RowJoiner::add_fold(std::size_t index) {
  const Step& step = steps_[index];
  const Node& node = program_.graph[step.node];
  if (step.def->row_fold == nullptr || step.outputs.size() != 1 || !step.outputs[0] || !is_f32(step.outputs[0])) {
    return false;
  }
  std::vector<const ops::Tensor*> constants;
  for (const ValueId input : node.inputs) {
    const bool known = input && program_.constants[input.index].present();
    if (input && !known && !constants.empty()) return false;
    constants.push_back(known ? &program_.constants[input.index] : nullptr);
  }
  if (node.inputs.empty() || !node.inputs[0] || constants[0] != nullptr) return false;
  const auto& shape = facts_[node.inputs[0].index].type.shape;
  const auto fold = step.def->row_fold({node.op, constants, shape ? std::optional(shape->size()) : std::nullopt});
  const auto a = fold ? source(node.inputs[0]) : std::nullopt;
  if (!a || !a->is_line()) return false;
  push(index, {.fold = fold, .lane = {}, .a = *a, .b = {}});
  return true;
}

bool RowJoiner::add_lane(std::size_t index) {
  const auto lane = lane_of(program_, steps_[index], facts_);
  if (!lane) return false;
  const Node& node = program_.graph[steps_[index].node];
  const auto a = source(node.inputs[0]);
  const auto b = lane->binary ? source(node.inputs[1]) : RowSource{};
  if (!a || !b) return false;
  push(index, {.fold = {}, .lane = *lane, .a = *a, .b = *b});
  return true;
}

// Nobody outside reads what lies within: only the last member's result is seen.
bool RowJoiner::is_closed() const {
  for (std::size_t i = 0; i + 1 < members_.size(); ++i) {
    const Readers& who = readers_[made(i).index];
    if (who.escapes) return false;
    for (const std::size_t reader : who.steps) {
      if (std::ranges::find(members_, reader) == members_.end()) return false;
    }
  }
  return true;
}

// The first step behind `after` that reads something of the chain's.
std::size_t RowJoiner::next_candidate(std::size_t after, std::span<const bool> is_taken) const {
  std::size_t best = kNone;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    for (const std::size_t reader : readers_[made(i).index].steps) {
      if (reader > after && reader < best && !is_taken[reader]) best = reader;
    }
  }
  return best;
}

std::vector<std::size_t> RowJoiner::join(std::span<const bool> is_taken) {
  if (!add_fold(first_)) return {};
  RowChain best;
  std::size_t best_size = 0;
  std::size_t after = first_;
  while (members_.size() < kMostJoined) {
    const std::size_t candidate = next_candidate(after, is_taken);
    if (candidate == kNone) break;
    after = candidate;
    const RowChain before = chain_;  // what a refused step named is not kept
    if (!add_lane(candidate) && !add_fold(candidate)) {
      chain_ = before;
      continue;
    }
    if (!chain_.steps.back().makes_line() || !is_closed()) continue;
    best = chain_;
    best_size = members_.size();
  }
  if (best_size < kFewestJoined) return {};
  chain_ = std::move(best);
  return {members_.begin() + 1, members_.begin() + static_cast<std::ptrdiff_t>(best_size)};
}

}  // namespace

void join_rows(Program& program, ScopeId scope, std::span<const ops::ValueFact> facts) {
  std::vector<Step>& steps = program.scopes[scope.index].steps;
  const std::vector<Readers> readers = find_readers(program, scope);
  const std::vector<std::size_t> made_by = find_makers(program, scope);
  Joined joined(steps);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (joined.is_taken()[i]) continue;
    RowJoiner joiner(program, steps, readers, facts, made_by, i);
    const std::vector<std::size_t> members = joiner.join(joined.is_taken());
    if (members.empty()) continue;
    steps[i].rows = std::make_unique<RowChain>(std::move(joiner.chain()));
    joined.take(i, members);
  }
  joined.drop();
}

}  // namespace narrowcast::exec
