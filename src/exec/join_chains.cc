#include <algorithm>

#include "exec/fuse.h"

namespace narrowcast::exec {
namespace {

using Kind = ChainSource::Kind;

constexpr std::size_t kMostJoined = 16;

// Grows a chain behind one step.
class Joiner {
 public:
  Joiner(Program& program, std::vector<Step>& steps, std::span<const Readers> readers,
         std::span<const ops::ValueFact> facts, std::span<const std::size_t> made_by, std::size_t first)
      : program_(program), steps_(steps), readers_(readers), facts_(facts), made_by_(made_by), first_(first) {}

  // Indices of the steps that joined, in order; the chain is then in `chain()`.
  std::vector<std::size_t> join(std::span<const bool> is_taken);
  Chain& chain() { return chain_; }

 private:
  struct Member {
    std::size_t step;
    ops::Lane lane;
    ChainSource a, b;  // buffers are named by member here: index 0 is the first step, i + 1 the i-th member
  };

  bool add(std::size_t index);
  [[nodiscard]] bool is_other_shape(ValueId value) const;
  std::optional<ChainSource> source(ValueId value);
  std::optional<ChainSource> constant_source(const ops::Tensor& constant);
  [[nodiscard]] bool is_closed() const;
  [[nodiscard]] std::size_t next_candidate(std::size_t after, std::span<const bool> is_taken) const;
  void keep(std::size_t count);
  // What hard swish is spelled out as, from member `first` on: the gate that does the same and how many members it is.
  struct FoundGate {
    kernels::Gate gate;
    ChainSource x;
    std::size_t members = 0;
  };
  [[nodiscard]] std::optional<FoundGate> gate_at(std::size_t first) const;
  [[nodiscard]] bool reads_only(std::size_t member, std::size_t before) const;
  [[nodiscard]] std::optional<float> scalar_step(std::size_t member, kernels::BinaryKind kind) const;
  void make_gates();
  void emit();
  void take_clamp();
  void drop_unused();

  [[nodiscard]] ValueId made(std::size_t member) const {
    return member == 0 ? steps_[first_].outputs[0] : steps_[members_[member - 1].step].outputs[0];
  }

  Program& program_;
  std::vector<Step>& steps_;
  std::span<const Readers> readers_;
  std::span<const ops::ValueFact> facts_;
  std::span<const std::size_t> made_by_;  // by value: the step that makes it, or none
  std::size_t first_;
  std::vector<Member> members_;
  Chain chain_;
};

constexpr std::size_t kNone = SIZE_MAX;

std::optional<ChainSource> Joiner::constant_source(const ops::Tensor& constant) {
  if (constant.dtype != DType::f32 || constant.data == nullptr) return std::nullopt;
  const auto& shape = facts_[made(0).index].type.shape;
  if (constant.count() == 1) {
    chain_.least_rank = std::max(chain_.least_rank, constant.rank());
    return ChainSource{Kind::scalar, 0, constant.as<float>()[0]};
  }
  const ops::Absorbs absorbs = steps_[first_].def->absorbs;
  if (chain_.starts_itself || absorbs == ops::Absorbs::nothing || !shape || shape->empty()) return std::nullopt;
  const std::size_t axis = absorbs == ops::Absorbs::along_axis_1 ? 1 : shape->size() - 1;
  if (axis >= shape->size() || (*shape)[axis] <= 0) return std::nullopt;
  auto channels = ops::by_channel(constant, shape->size(), axis, static_cast<std::size_t>((*shape)[axis]));
  if (!channels) return std::nullopt;
  chain_.channels.push_back(std::move(*channels));
  return ChainSource{Kind::channels, chain_.channels.size() - 1, 0};
}

// Whether a tensor is known not to have the result's shape, which the chain would only find out in every run.
bool Joiner::is_other_shape(ValueId value) const {
  const auto& shape = facts_[value.index].type.shape;
  const auto& result = facts_[made(0).index].type.shape;
  if (!shape || !result) return false;
  if (shape->size() != result->size()) return true;
  for (std::size_t i = 0; i < shape->size(); ++i) {
    if ((*shape)[i] >= 0 && (*result)[i] >= 0 && (*shape)[i] != (*result)[i]) return true;
  }
  return false;
}

std::optional<ChainSource> Joiner::source(ValueId value) {
  for (std::size_t i = 0; i <= members_.size(); ++i) {
    if (!(i == 0 && chain_.starts_itself) && made(i) == value) return ChainSource{Kind::buffer, i, 0};
  }
  const ops::Tensor& constant = program_.constants[value.index];
  if (constant.present()) return constant_source(constant);
  // Everything a chain reads must be there before its first step runs.
  const std::size_t maker = made_by_[value.index];
  if (maker != kNone && maker >= first_) return std::nullopt;
  const auto known = std::ranges::find(chain_.tensors, value);
  if (known != chain_.tensors.end()) {
    return ChainSource{Kind::tensor, static_cast<std::size_t>(known - chain_.tensors.begin()), 0};
  }
  if (facts_[value.index].type.dtype != DType::f32 || is_other_shape(value)) return std::nullopt;
  chain_.tensors.push_back(value);
  return ChainSource{Kind::tensor, chain_.tensors.size() - 1, 0};
}

bool Joiner::add(std::size_t index) {
  const auto lane = lane_of(program_, steps_[index], facts_);
  if (!lane) return false;
  const Node& node = program_.graph[steps_[index].node];
  const Chain before = chain_;
  const auto a = source(node.inputs[0]);
  const auto b = lane->binary ? source(node.inputs[1]) : ChainSource{};
  const bool both_fixed = a && b && a->kind != Kind::buffer && a->kind != Kind::tensor && lane->binary &&
                          b->kind != Kind::buffer && b->kind != Kind::tensor;
  if (!a || !b || both_fixed) {
    chain_ = before;
    return false;
  }
  members_.push_back({index, *lane, *a, *b});
  return true;
}

// Nobody outside reads what lies within: only the last member's result is seen.
bool Joiner::is_closed() const {
  for (std::size_t i = chain_.starts_itself ? 1 : 0; i < members_.size(); ++i) {
    const Readers& who = readers_[made(i).index];
    if (who.escapes) return false;
    for (const std::size_t reader : who.steps) {
      if (std::ranges::find(members_, reader, &Member::step) == members_.end()) return false;
    }
  }
  return true;
}

// The first step behind `after` that reads something of the chain's.
std::size_t Joiner::next_candidate(std::size_t after, std::span<const bool> is_taken) const {
  std::size_t best = kNone;
  for (std::size_t i = chain_.starts_itself ? 1 : 0; i <= members_.size(); ++i) {
    for (const std::size_t reader : readers_[made(i).index].steps) {
      if (reader > after && reader < best && !is_taken[reader]) best = reader;
    }
  }
  return best;
}

void Joiner::keep(std::size_t count) { members_.resize(count); }

std::vector<std::size_t> Joiner::join(std::span<const bool> is_taken) {
  const bool has_kernel = steps_[first_].def->absorbs != ops::Absorbs::nothing;
  if (!has_kernel) {
    chain_.starts_itself = true;
    if (!add(first_)) return {};
  } else if (facts_[made(0).index].type.dtype != DType::f32) {
    return {};
  }
  std::size_t best = 0;
  std::size_t after = first_;
  while (members_.size() < kMostJoined) {
    const std::size_t candidate = next_candidate(after, is_taken);
    if (candidate == kNone) break;
    after = candidate;
    if (add(candidate) && is_closed()) best = members_.size();
  }
  keep(best);
  if (best < (has_kernel ? 1U : 2U)) return {};
  drop_unused();
  if (chain_.starts_itself && chain_.tensors.empty()) return {};  // of constants alone: there is no shape to run on
  std::vector<std::size_t> joined;
  for (const Member& member : members_) {
    if (member.step != first_) joined.push_back(member.step);
  }
  make_gates();
  emit();
  return joined;
}

// Members that were given up may have named tensors and channels.
void Joiner::drop_unused() {
  std::vector<ValueId> tensors;
  for (Member& member : members_) {
    for (ChainSource* source : {&member.a, &member.b}) {
      if (source->kind != Kind::tensor) continue;
      const ValueId value = chain_.tensors[source->index];
      const auto known = std::ranges::find(tensors, value) - tensors.begin();
      if (known == static_cast<std::ptrdiff_t>(tensors.size())) tensors.push_back(value);
      source->index = static_cast<std::size_t>(known);
    }
  }
  chain_.tensors = std::move(tensors);
}

// A clamp right behind the kernel is done in its registers, when nothing else reads the kernel's result.
void Joiner::take_clamp() {
  if (chain_.starts_itself || chain_.steps.empty()) return;
  const ChainStep& first = chain_.steps[0];
  if (first.lane.unary != kernels::UnaryKind::clamp || first.to != 0) return;
  chain_.clamp = {first.lane.params.a, first.lane.params.b};
  chain_.steps.erase(chain_.steps.begin());
}

bool same_source(const ChainSource& a, const ChainSource& b) {
  return a.kind == b.kind && a.index == b.index && (a.kind == Kind::buffer || a.kind == Kind::tensor);
}

// Whether the member before is read by this one and by no other.
bool Joiner::reads_only(std::size_t member, std::size_t before) const {
  const ChainSource value{Kind::buffer, before + 1, 0};
  std::size_t reads = 0;
  std::size_t here = 0;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const std::size_t read = (same_source(members_[i].a, value) ? 1U : 0U) +
                             (members_[i].lane.binary && same_source(members_[i].b, value) ? 1U : 0U);
    reads += read;
    if (i == member) here = read;
  }
  return reads == 1 && here == 1;
}

// The scalar of a member that only adds it to the one before, multiplies or divides by it.
std::optional<float> Joiner::scalar_step(std::size_t member, kernels::BinaryKind kind) const {
  if (member >= members_.size()) return std::nullopt;
  const Member& m = members_[member];
  if (m.lane.binary != kind || !ops::is_open(m.lane.after)) return std::nullopt;
  if (m.b.kind == Kind::scalar) return m.b.scalar;
  const bool commutes = kind != kernels::BinaryKind::div;
  return commutes && m.a.kind == Kind::scalar ? std::optional(m.a.scalar) : std::nullopt;
}

std::optional<Joiner::FoundGate> Joiner::gate_at(std::size_t first) const {
  FoundGate found;
  kernels::Gate& gate = found.gate;
  std::size_t next = first + 1;
  const Member& line = members_[first];
  if (const auto add = scalar_step(first, kernels::BinaryKind::add)) {
    found.x = line.a.kind == Kind::scalar ? line.b : line.a;
    if (next >= members_.size() || members_[next].lane.unary != kernels::UnaryKind::clamp) return std::nullopt;
    if (!reads_only(next, first)) return std::nullopt;
    const kernels::LaneParams& bounds = members_[next++].lane.params;
    gate = {.add = *add, .low = bounds.a, .high = bounds.b};
  } else if (line.lane.unary == kernels::UnaryKind::hard_sigmoid && ops::is_open(line.lane.after)) {
    found.x = line.a;
    gate = {.slope = line.lane.params.a, .add = line.lane.params.b, .low = 0, .high = 1};
  } else {
    return std::nullopt;
  }
  if (next >= members_.size() || !reads_only(next, next - 1)) return std::nullopt;
  const Member& product = members_[next];
  const bool is_product = product.lane.binary == kernels::BinaryKind::mul && ops::is_open(product.lane.after);
  if (!is_product || !(same_source(product.a, found.x) || same_source(product.b, found.x))) return std::nullopt;
  ++next;
  const auto goes_on = [&](kernels::BinaryKind kind, float& number) {
    const auto scalar = scalar_step(next, kind);
    if (!scalar || !reads_only(next, next - 1)) return;
    number = *scalar;
    ++next;
  };
  goes_on(kernels::BinaryKind::div, gate.divisor);
  goes_on(kernels::BinaryKind::mul, gate.scale);
  goes_on(kernels::BinaryKind::add, gate.shift);
  found.members = next - first;
  return found;
}

// One pass over the rows instead of up to six.
void Joiner::make_gates() {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const auto found = gate_at(i);
    if (!found) continue;
    const std::size_t gone = found->members - 1;
    const auto at = members_.begin() + static_cast<std::ptrdiff_t>(i);
    members_[i] = {members_[i + gone].step, {.gate = found->gate}, found->x, {}};
    members_.erase(at + 1, at + 1 + static_cast<std::ptrdiff_t>(gone));
    for (std::size_t k = i + 1; k < members_.size(); ++k) {
      for (ChainSource* source : {&members_[k].a, &members_[k].b}) {
        if (source->kind == Kind::buffer && source->index > i) source->index -= gone;
      }
    }
  }
}

// Gives every member a buffer: the result's own rows for the last one and for those that write over what nobody reads
// any more, others from a pool.
void Joiner::emit() {
  std::vector<std::size_t> last_read(members_.size() + 1, 0);
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].a.kind == Kind::buffer) last_read[members_[i].a.index] = i;
    if (members_[i].lane.binary && members_[i].b.kind == Kind::buffer) last_read[members_[i].b.index] = i;
  }
  std::vector<std::size_t> place(members_.size() + 1, 0);  // by member: its buffer
  std::vector<bool> busy(members_.size() + 2, false);
  busy[0] = true;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    ChainStep step{members_[i].lane, members_[i].a, members_[i].b, 0};
    for (ChainSource* source : {&step.a, &step.b}) {
      const bool is_read = source->kind == Kind::buffer && (source == &step.a || step.lane.binary);
      if (!is_read) continue;
      const std::size_t from = source->index;
      source->index = place[from];
      if (last_read[from] == i && !(chain_.starts_itself && place[from] == 0)) busy[place[from]] = false;
    }
    const bool is_last = i + 1 == members_.size();
    // A tensor may share the result's memory, so a chain that starts itself writes there at the very end.
    std::size_t to = chain_.starts_itself ? 1 : 0;
    while (!is_last && busy[to]) ++to;
    step.to = is_last ? 0 : to;
    place[i + 1] = step.to;
    busy[step.to] = true;
    chain_.buffers = std::max(chain_.buffers, step.to + 1);
    chain_.steps.push_back(step);
  }
  take_clamp();
}

}  // namespace

void join_chains(Program& program, ScopeId scope, std::span<const ops::ValueFact> facts) {
  std::vector<Step>& steps = program.scopes[scope.index].steps;
  const std::vector<Readers> readers = find_readers(program, scope);
  const std::vector<std::size_t> made_by = find_makers(program, scope);
  Joined joined(steps);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool can_lead = steps[i].rows == nullptr && !steps[i].outputs.empty() && steps[i].outputs[0];
    if (joined.is_taken()[i] || !can_lead) continue;
    Joiner joiner(program, steps, readers, facts, made_by, i);
    const std::vector<std::size_t> members = joiner.join(joined.is_taken());
    if (members.empty()) continue;
    steps[i].chain = std::move(joiner.chain());
    joined.take(i, members);
  }
  joined.drop();
}

}  // namespace narrowcast::exec
