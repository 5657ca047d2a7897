#include "plan/half_nodes.h"

#include <algorithm>
#include <ranges>

#include "passes/infer_types.h"

namespace narrowcast {
namespace {

// The bodies' results, by the result of the node whose bodies they are; Loop's first tells whether it goes on.
std::size_t first_result(const Node& node) { return node.op.type == "Loop" ? 1 : 0; }

// What If, Loop and Scan make is what their bodies make. True when that told something new.
bool pass_out_of_bodies(Graph& graph, const std::vector<ops::ValueFact>& facts) {
  bool changed = false;
  for (const Node& node : graph.nodes) {
    if (node.dropped || node.bodies.empty()) continue;
    const std::vector<ValueId>& made = graph[node.bodies.front()].outputs;
    for (std::size_t i = 0; i < node.outputs.size() && i + first_result(node) < made.size(); ++i) {
      const ValueId inside = made[i + first_result(node)];
      if (!node.outputs[i] || !inside || graph[node.outputs[i]].type.dtype != DType::unknown) continue;
      graph[node.outputs[i]].type.dtype = facts[inside.index].type.dtype;
      changed |= graph[node.outputs[i]].type.dtype != DType::unknown;
    }
  }
  return changed;
}

}  // namespace

HalfNodes::HalfNodes(const PlanContext& context)
    : context_(context),
      graph_(context.graph()),
      counts_(graph_.values.size(), false),
      reasons_(graph_.nodes.size(), "it is not part of the graph") {
  find_types();
  for (const Scope& scope : graph_.scopes) {
    for (const NodeId id : scope.nodes) judge(id);
  }
}

void HalfNodes::find_types() {
  constexpr int kMostRounds = 8;  // bodies in bodies
  const auto keep = [&](const std::vector<ops::ValueFact>& facts) {
    dtypes_.clear();
    for (const ops::ValueFact& fact : facts) dtypes_.push_back(fact.type.dtype);
  };
  keep(context_.facts);
  if (graph_.scopes.size() < 2) return;
  std::vector<ops::ValueFact> facts = context_.facts;
  Graph typed = graph_;
  for (int round = 0; round < kMostRounds && pass_out_of_bodies(typed, facts); ++round) {
    auto found = infer_types(typed, context_.model.files);
    if (!found) break;
    facts = std::move(*found);
  }
  keep(facts);
}

// Sizes and places leave float16's whole numbers at 2048; what is computed of them alone stays exact in float32.
bool HalfNodes::is_count(const Node& node) const {
  const bool from_integers = node.op.type == "Cast" && !node.inputs.empty() && node.inputs[0] &&
                             (dtype(node.inputs[0]) == DType::i64 || dtype(node.inputs[0]) == DType::i32);
  if (from_integers || node.op.type == "Range") return true;
  bool any = false;
  for (const ValueId input : node.inputs) {
    if (!is_float(input) || graph_[input].constant) continue;
    if (!counts_[input.index]) return false;
    any = true;
  }
  return any;
}

std::string HalfNodes::why_not_of_op(const Node& node) const {
  if (!node.op.domain.empty()) return "the op is of domain " + node.op.domain;
  const ops::OpDef* op = ops::find_op(node.op);
  if (op == nullptr) return "the op is not known";
  if (!node.bodies.empty()) return "what goes into and comes out of a body stays float32";
  if (op->half_since == ops::kNeverHalf) return "the op computes in float32";
  if (op->half_since > node.op.version) {
    return "the op takes float16 since opset " + std::to_string(op->half_since) + " alone";
  }
  return "";
}

std::string HalfNodes::why_not_of_values(const Node& node) const {
  const auto unknown = [&](ValueId value) { return value && dtype(value) == DType::unknown; };
  if (std::ranges::any_of(node.inputs, unknown) || std::ranges::any_of(node.outputs, unknown)) {
    return "the type of an operand or result is not known";
  }
  const auto is_real = [&](ValueId value) { return is_float(value); };
  if (std::ranges::none_of(node.inputs, is_real) && std::ranges::none_of(node.outputs, is_real)) {
    return "it has no float32 operand or result";
  }
  return "";
}

void HalfNodes::judge(NodeId id) {
  const Node& node = graph_[id];
  std::string& reason = reasons_[id.index];
  const bool is_product =
      std::ranges::any_of(std::views::iota(std::size_t{0}, node.inputs.size()),
                          [&](std::size_t slot) { return context_.uses.role(id, slot) == ops::Role::weight; });
  const bool count = !is_product && is_count(node);
  for (const ValueId output : node.outputs) {
    if (count && is_float(output)) counts_[output.index] = true;
  }
  reason = why_not_of_op(node);
  if (reason.empty()) reason = why_not_of_values(node);
  if (reason.empty() && count) reason = "it computes with sizes and places";
  if (reason.empty()) reason = context_.why_not_selected(id, "");
}

HalfNodes::Wish HalfNodes::wish(const Use& use) const {
  if (!use.node) return Wish::full;
  const Node& node = graph_[use.node];
  const bool makes_floats = std::ranges::any_of(node.outputs, [&](ValueId value) { return is_float(value); });
  const auto floats = std::ranges::count_if(node.inputs, [&](ValueId value) { return is_float(value); });
  const ops::OpDef* op = ops::find_op(node.op);
  const bool takes_half = node.op.domain.empty() && op != nullptr && op->half_since <= node.op.version;
  // A Cast converts from either; a single operand that only decides (Shape, ArgMax) may be either.
  if (takes_half && (node.op.type == "Cast" || (!makes_floats && floats == 1))) return Wish::either;
  if (!is_half(use.node)) return Wish::full;
  return (op->float_operands >> std::min(use.slot, 7U) & 1) != 0 ? Wish::full : Wish::half;
}

bool HalfNodes::makes_half(NodeId id, std::size_t result) const {
  const ops::OpDef* op = ops::find_op(graph_[id].op);
  return is_half(id) && (op->float_results >> std::min<std::size_t>(result, 7) & 1) == 0;
}

}  // namespace narrowcast
