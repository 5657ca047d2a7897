#include "ops/control/control_eval.h"

#include <algorithm>
#include <array>

#include "ops/control/stack.h"

namespace narrowcast::ops {
namespace {

void give(EvalContext& ctx, std::size_t slot, const Tensor& tensor) {
  if (slot < ctx.result_count()) ctx.share(slot, tensor, tensor.shape, tensor.layout);
}

Status run_branch(EvalContext& ctx, ScopeId body, std::vector<Tensor> inputs) {
  NC_TRY(const std::vector<Tensor> results, ctx.bodies().run_body(body, std::move(inputs)));
  if (results.size() < ctx.result_count()) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the body has fewer results than the node.");
  }
  for (std::size_t i = 0; i < ctx.result_count(); ++i) give(ctx, i, results[i]);
  return {};
}

// Operands from `first` on.
Result<std::vector<Tensor>> operands_from(const EvalContext& ctx, std::size_t first) {
  std::vector<Tensor> tensors;
  for (std::size_t i = first; i < ctx.operand_count(); ++i) {
    if (!ctx.present(i)) return fail(ErrorCode::unsupported, ctx.op().type + ": an operand is left out.");
    tensors.push_back(ctx.operand(i));
  }
  return tensors;
}

Result<ScopeId> scope_at(const EvalContext& ctx, std::size_t i) {
  if (i < ctx.scopes().size()) return ctx.scopes()[i];
  return fail(ErrorCode::malformed, ctx.op().type + ": a body is missing.");
}

// What the iterations made, by result that is collected.
using Collected = std::vector<std::vector<Tensor>>;

// Splits a body's results: the first ones are carried on, the others collected.
Status keep_results(EvalContext& ctx, std::vector<Tensor> results, std::vector<Tensor>& carried, Collected& collected) {
  const std::size_t count = carried.size();
  if (results.size() < count) {
    return fail(ErrorCode::malformed, ctx.op().type + ": the body has fewer results than are carried on.");
  }
  std::move(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(count), carried.begin());
  collected.resize(results.size() - count);
  for (std::size_t i = count; i < results.size(); ++i) collected[i - count].push_back(std::move(results[i]));
  return {};
}

Result<Tensor> make_count(Memory& memory, int64_t value) {
  NC_TRY(Tensor tensor, make_tensor(memory, DType::i64, {}));
  *tensor.writable<int64_t>() = value;
  return tensor;
}

// One iteration of a Loop. The result: whether to go on.
Result<bool> iterate(EvalContext& ctx, ScopeId body, int64_t at, std::vector<Tensor>& carried, Collected& collected) {
  std::vector<Tensor> inputs(2);
  NC_TRY(inputs[0], make_count(ctx.memory(), at));
  NC_TRY(inputs[1], make_condition(ctx.memory(), true));
  std::ranges::move(carried, std::back_inserter(inputs));
  NC_TRY(std::vector<Tensor> results, ctx.bodies().run_body(body, std::move(inputs)));
  if (results.empty()) return fail(ErrorCode::malformed, "Loop: the body has no results.");
  NC_TRY(const bool goes_on, read_condition(ctx.op(), results[0]));
  results.erase(results.begin());
  NC_CHECK(keep_results(ctx, std::move(results), carried, collected));
  return goes_on;
}

// The list of a Scan attribute, or as many zeros.
std::vector<int64_t> listed(const RawOp& op, std::string_view name, std::size_t count) {
  std::vector<int64_t> list = op.ints(name);
  list.resize(count, 0);
  return list;
}

struct Scan {
  ScopeId body;
  std::vector<int64_t> input_axes;
  std::vector<int64_t> input_directions;
  int64_t length = 0;
};

// Runs the body over `length` entries of every sequence.
Status scan(EvalContext& ctx, const Scan& plan, const std::vector<Tensor>& sequences, std::vector<Tensor>& states,
            Collected& collected) {
  for (int64_t step = 0; step < plan.length; ++step) {
    NC_CHECK(ctx.bodies().keep_going());
    std::vector<Tensor> inputs;
    std::ranges::move(states, std::back_inserter(inputs));
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      const int64_t at = plan.input_directions[i] == 1 ? plan.length - 1 - step : step;
      NC_TRY(Tensor entry, entry_of(ctx, sequences[i], static_cast<std::size_t>(plan.input_axes[i]), at));
      inputs.push_back(std::move(entry));
    }
    NC_TRY(std::vector<Tensor> results, ctx.bodies().run_body(plan.body, std::move(inputs)));
    NC_CHECK(keep_results(ctx, std::move(results), states, collected));
  }
  return {};
}

// The operands from `first` on, of which the last `count` are sequences.
struct ScanOperands {
  std::vector<Tensor> states;
  std::vector<Tensor> sequences;
};
Result<ScanOperands> split_operands(const EvalContext& ctx, std::size_t first) {
  const int64_t count = ctx.op().int_or("num_scan_inputs", 0);
  NC_TRY(std::vector<Tensor> all, operands_from(ctx, first));
  if (count < 1 || count > static_cast<int64_t>(all.size())) {
    return fail(ErrorCode::malformed, "Scan: num_scan_inputs does not fit the operands.");
  }
  ScanOperands operands;
  const auto middle = all.end() - count;
  operands.states.assign(all.begin(), middle);
  operands.sequences.assign(middle, all.end());
  return operands;
}

// Sequences along their axes, all as long.
Status find_length(Scan& plan, const std::vector<Tensor>& sequences) {
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const auto rank = static_cast<int64_t>(sequences[i].rank());
    int64_t& axis = plan.input_axes[i];
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank) return fail(ErrorCode::malformed, "Scan: a sequence has no such axis.");
    const int64_t length = sequences[i].shape[static_cast<std::size_t>(axis)];
    if (i > 0 && length != plan.length) return fail(ErrorCode::malformed, "Scan: the sequences differ in length.");
    plan.length = length;
  }
  return {};
}

Status scan_sequences(EvalContext& ctx, ScopeId body) {
  NC_TRY(ScanOperands operands, split_operands(ctx, 0));
  const std::size_t sequences = operands.sequences.size();
  Scan plan{body, listed(ctx.op(), "scan_input_axes", sequences), listed(ctx.op(), "scan_input_directions", sequences)};
  NC_CHECK(find_length(plan, operands.sequences));
  Collected collected;
  NC_CHECK(scan(ctx, plan, operands.sequences, operands.states, collected));
  const std::size_t states = operands.states.size();
  for (std::size_t i = 0; i < states; ++i) give(ctx, i, operands.states[i]);
  if (ctx.result_count() <= states) return {};
  const std::size_t count = ctx.result_count() - states;
  collected.resize(std::max(collected.size(), count));
  const std::vector<int64_t> axes = listed(ctx.op(), "scan_output_axes", count);
  const std::vector<int64_t> directions = listed(ctx.op(), "scan_output_directions", count);
  for (std::size_t i = 0; i < count; ++i) {
    NC_TRY(const Tensor whole, stack(ctx, collected[i], {axes[i], directions[i] == 1, plan.length},
                                     ctx.bodies().body_result(body, states + i)));
    give(ctx, states + i, whole);
  }
  return {};
}

// One entry of the batch: sequences [L, ...] cut to its length.
Status scan_entry(EvalContext& ctx, const Scan& plan, const ScanOperands& batch, int64_t at, int64_t room,
                  Collected& results) {
  ScanOperands entry;
  for (const Tensor& state : batch.states) {
    NC_TRY(Tensor one, entry_of(ctx, state, 0, at));
    entry.states.push_back(std::move(one));
  }
  for (const Tensor& sequence : batch.sequences) {
    NC_TRY(Tensor one, entry_of(ctx, sequence, 0, at));
    entry.sequences.push_back(std::move(one));
  }
  Collected collected;
  NC_CHECK(scan(ctx, plan, entry.sequences, entry.states, collected));
  const std::size_t states = entry.states.size();
  collected.resize(std::max(collected.size(), results.size() > states ? results.size() - states : 0));
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i < states) {
      results[i].push_back(entry.states[i]);
    } else {
      NC_TRY(Tensor whole, stack(ctx, collected[i - states], {0, false, room}, ctx.bodies().body_result(plan.body, i)));
      results[i].push_back(std::move(whole));
    }
  }
  return {};
}

Status scan_batch(EvalContext& ctx, ScopeId body) {
  NC_TRY(const ScanOperands batch, split_operands(ctx, 1));
  const Shape& first = batch.sequences[0].shape;
  if (first.size() < 2) return fail(ErrorCode::malformed, "Scan: a sequence has no axes for the batch and its length.");
  const int64_t entries = first[0];
  const int64_t room = first[1];
  for (const Tensor& tensor : batch.states) {
    if (tensor.rank() < 1 || tensor.shape[0] != entries) return fail(ErrorCode::malformed, "Scan: the batch differs.");
  }
  for (const Tensor& tensor : batch.sequences) {
    const bool fits = tensor.rank() >= 2 && tensor.shape[0] == entries && tensor.shape[1] == room;
    if (!fits) return fail(ErrorCode::malformed, "Scan: the sequences differ in batch or length.");
  }
  std::vector<int64_t> lengths(static_cast<std::size_t>(entries), room);
  if (ctx.present(0)) lengths = ctx.ints(0);
  if (static_cast<int64_t>(lengths.size()) != entries) {
    return fail(ErrorCode::malformed, "Scan: there is not one length for each entry of the batch.");
  }
  Scan plan{body, listed(ctx.op(), "", batch.sequences.size()), listed(ctx.op(), "directions", batch.sequences.size())};
  Collected results(ctx.result_count());
  for (int64_t at = 0; at < entries; ++at) {
    plan.length = lengths[static_cast<std::size_t>(at)];
    if (plan.length < 0 || plan.length > room) return fail(ErrorCode::malformed, "Scan: a length is out of range.");
    NC_CHECK(scan_entry(ctx, plan, batch, at, room, results));
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    NC_TRY(const Tensor whole, stack(ctx, results[i], {0, false, entries}, ctx.inferred(i)));
    give(ctx, i, whole);
  }
  return {};
}

}  // namespace

Status eval_if(EvalContext& ctx) {
  NC_TRY(const bool condition, read_condition(ctx.op(), ctx.operand(0)));
  NC_TRY(const ScopeId body, body_of(ctx.op(), condition ? "then_branch" : "else_branch"));
  return run_branch(ctx, body, {});
}

Status eval_if_tflite(EvalContext& ctx) {
  NC_TRY(const bool condition, read_condition(ctx.op(), ctx.operand(0)));
  NC_TRY(const ScopeId body, scope_at(ctx, condition ? 0 : 1));
  NC_TRY(std::vector<Tensor> inputs, operands_from(ctx, 1));
  return run_branch(ctx, body, std::move(inputs));
}

Status eval_loop(EvalContext& ctx) {
  NC_TRY(const ScopeId body, body_of(ctx.op(), "body"));
  int64_t most = INT64_MAX;
  if (ctx.present(0)) {
    const std::vector<int64_t> trips = ctx.ints(0);
    if (trips.size() != 1) return fail(ErrorCode::malformed, "Loop: the number of trips is not one integer.");
    most = trips[0];
  }
  bool goes_on = true;
  if (ctx.present(1)) {
    NC_TRY(goes_on, read_condition(ctx.op(), ctx.operand(1)));
  }
  NC_TRY(std::vector<Tensor> carried, operands_from(ctx, 2));
  Collected collected;
  int64_t at = 0;
  for (; goes_on && at < most; ++at) {
    NC_CHECK(ctx.bodies().keep_going());
    NC_TRY(goes_on, iterate(ctx, body, at, carried, collected));
  }
  for (std::size_t i = 0; i < carried.size(); ++i) give(ctx, i, carried[i]);
  if (ctx.result_count() > carried.size()) collected.resize(ctx.result_count() - carried.size());
  for (std::size_t i = carried.size(); i < ctx.result_count(); ++i) {
    NC_TRY(const Tensor whole,
           stack(ctx, collected[i - carried.size()], {0, false, at}, ctx.bodies().body_result(body, 1 + i)));
    give(ctx, i, whole);
  }
  return {};
}

Status eval_scan(EvalContext& ctx) {
  NC_TRY(const ScopeId body, body_of(ctx.op(), "body"));
  return ctx.op().version < 9 ? scan_batch(ctx, body) : scan_sequences(ctx, body);
}

Status eval_while(EvalContext& ctx) {
  NC_TRY(const ScopeId condition, scope_at(ctx, 0));
  NC_TRY(const ScopeId body, scope_at(ctx, 1));
  NC_TRY(std::vector<Tensor> carried, operands_from(ctx, 0));
  for (;;) {
    NC_CHECK(ctx.bodies().keep_going());
    NC_TRY(const std::vector<Tensor> answer, ctx.bodies().run_body(condition, carried));
    if (answer.size() != 1) return fail(ErrorCode::malformed, "WHILE: the condition has not one result.");
    NC_TRY(const bool goes_on, read_condition(ctx.op(), answer[0]));
    if (!goes_on) break;
    NC_TRY(carried, ctx.bodies().run_body(body, std::move(carried)));
  }
  if (carried.size() != ctx.result_count()) return fail(ErrorCode::malformed, "WHILE: the results are not as many.");
  for (std::size_t i = 0; i < carried.size(); ++i) give(ctx, i, carried[i]);
  return {};
}

Status eval_composite(EvalContext& ctx) {
  NC_TRY(const ScopeId body, scope_at(ctx, 0));
  NC_TRY(std::vector<Tensor> inputs, operands_from(ctx, 0));
  return run_branch(ctx, body, std::move(inputs));
}

}  // namespace narrowcast::ops
