#include "plan/placement.h"

#include <algorithm>

#include "passes/trace_constant.h"
#include "plan/conditions.h"
#include "plan/min_cut.h"

namespace narrowcast {
namespace {

constexpr double kLikelySize = 32;    // of an axis that is open, but for the first, which counts batches
constexpr double kLongest = 1e9;      // nanoseconds; sizes come from the file
constexpr double kPicoseconds = 1e3;  // in a nanosecond: costs are cut as whole numbers
// A larger graph is not worth the wait: whatever can computes in integers.
constexpr std::size_t kMostNodes = 20'000;

double elements(const PlanContext& context, ValueId value) {
  const auto& shape = context.type(value).shape;
  if (!shape) return kLikelySize;
  double count = 1;
  for (std::size_t axis = 0; axis < shape->size(); ++axis) {
    const int64_t size = (*shape)[axis];
    count *= size >= 0 ? static_cast<double>(size) : axis == 0 ? 1 : kLikelySize;
  }
  return std::min(count, kLongest);
}

// How many products are summed for an element.
double products(const PlanContext& context, const Node& node) {
  if (node.inputs.size() < 2 || !node.inputs[1]) return 0;
  const double results = elements(context, node.outputs[0]);
  const auto& weight = context.type(node.inputs[1]).shape;
  if (node.op.type == "Conv") {
    return weight && !weight->empty() ? elements(context, node.inputs[1]) / static_cast<double>((*weight)[0]) : 1;
  }
  const auto& result = context.type(node.outputs[0]).shape;
  const bool is_product = node.op.type == "MatMul" || node.op.type == "Gemm";
  if (!is_product || !result || result->empty() || results == 0) return 0;
  const double columns = result->back() > 0 ? static_cast<double>(result->back()) : kLikelySize;
  return elements(context, node.inputs[0]) * columns / results;
}

const OpCosts& costs_of(const PlanContext& context, const TargetOp& op, NodeId id) {
  const ConditionQuery query{context.graph(), context.facts, context.uses, context.graph()[id], id};
  for (const auto& [name, costs] : op.cases) {
    const Condition* condition = find_condition(name);
    if (condition != nullptr && condition->holds(query)) return costs;
  }
  return op.costs;
}

int64_t whole(double nanoseconds) { return static_cast<int64_t>(std::min(nanoseconds, kLongest) * kPicoseconds); }

class Placement {
 public:
  Placement(const PlanContext& context, const Target& target, const std::vector<Placeable>& nodes)
      : context_(context),
        graph_(context.graph()),
        target_(target),
        nodes_(nodes),
        unit_(nodes.size(), MinCut::kSink) {}

  std::vector<bool> solve();

 private:
  // Who decides over a node: itself, the node whose codes it clamps, or nobody: then it is in float, at the sink.
  [[nodiscard]] uint32_t unit(NodeId node) const { return node ? unit_[node.index] : MinCut::kSink; }
  [[nodiscard]] uint32_t unit(const Use& use) const;
  void add_nodes();
  void add_value(ValueId value);
  void add_fan(uint32_t from, std::vector<uint32_t> to, double cost, bool reversed);
  [[nodiscard]] bool takes_codes_only(const Node& node, const std::vector<bool>& side) const;
  [[nodiscard]] std::vector<uint32_t> joined_behind(NodeId id, const std::vector<bool>& side) const;
  [[nodiscard]] bool is_passed(NodeId id) const;
  bool keep_in_float(const std::vector<bool>& side);
  bool pull_into_integers(const std::vector<bool>& side);

  const PlanContext& context_;
  const Graph& graph_;
  const Target& target_;
  const std::vector<Placeable>& nodes_;
  std::vector<uint32_t> unit_;  // by node: in the cut
  MinCut cut_;
};

uint32_t Placement::unit(const Use& use) const {
  if (!use.node) return MinCut::kSink;
  const Placeable& node = nodes_[use.node.index];
  const bool reads_codes = node.with || std::ranges::find(node.data, use.slot) != node.data.end();
  return reads_codes ? unit(use.node) : MinCut::kSink;
}

void Placement::add_nodes() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].op == nullptr || nodes_[i].with) continue;
    unit_[i] = cut_.add_node();
    const NodeCost cost = node_cost(context_, *nodes_[i].op, NodeId(i));
    cut_.add_cost(MinCut::kSource, unit_[i], whole(cost.in_float));
    cut_.add_cost(unit_[i], MinCut::kSink, whole(cost.in_integers));
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].op != nullptr && nodes_[i].with) unit_[i] = unit(nodes_[i].with);
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!is_passed(NodeId(i))) continue;
    const uint32_t before = unit(graph_[graph_[NodeId(i)].inputs[0]].producer);
    if (before != MinCut::kSink) cut_.add_cost(before, unit_[i], MinCut::kNever);
  }
}

// Paid once however many there are at the other end. `reversed`: the one is on the sink's side, the others are not.
void Placement::add_fan(uint32_t one, std::vector<uint32_t> others, double cost, bool reversed) {
  std::ranges::sort(others);
  const auto repeated = std::ranges::unique(others);
  others.erase(repeated.begin(), repeated.end());
  std::erase(others, one);
  if (others.empty()) return;
  const auto add = [&](uint32_t from, uint32_t to, int64_t price) {
    if (reversed) std::swap(from, to);
    if (from != MinCut::kSink) cut_.add_cost(from, to, price);
  };
  if (others.size() == 1) return add(one, others[0], whole(cost));
  const uint32_t any = cut_.add_node();
  add(one, any, whole(cost));
  for (const uint32_t other : others) add(any, other, MinCut::kNever);
}

void Placement::add_value(ValueId value) {
  if (graph_[value].constant || context_.type(value).dtype != DType::f32) return;
  std::vector<uint32_t> readers;
  for (const Use& use : context_.uses.readers(value)) readers.push_back(unit(use));
  const uint32_t maker = unit(graph_[value].producer);
  const double count = elements(context_, value);
  add_fan(maker, readers, count * target_.dequantize, /*reversed=*/false);
  add_fan(maker, readers, count * target_.quantize, /*reversed=*/true);
}

// Whether the runtime would find codes, or what it makes codes of by itself, at every operand.
bool Placement::takes_codes_only(const Node& node, const std::vector<bool>& side) const {
  const TargetOp* op = target_.find(node.op.domain, node.op.type);
  const bool narrows = std::ranges::find(target_.narrows_weights, node.op.type) != target_.narrows_weights.end();
  if (!narrows && (op == nullptr || op->kind != KernelKind::computes)) return false;
  bool any = false;
  for (const ValueId input : node.inputs) {
    if (!input || context_.type(input).dtype != DType::f32) continue;
    const NodeId maker = graph_[input].producer;
    const bool is_made = maker && side[unit(maker)];
    if (!is_made && !(narrows && any && !trace_constants(graph_, input).empty())) return false;
    any = true;
  }
  return any;
}

// Who reads what the node makes in float, when the runtime would have it make codes; empty when it leaves it alone.
std::vector<uint32_t> Placement::joined_behind(NodeId id, const std::vector<bool>& side) const {
  const Node& node = graph_[id];
  if (node.dropped || node.outputs.empty() || side[unit(id)] || !takes_codes_only(node, side)) return {};
  const std::vector<Use>* readers = &context_.uses.readers(node.outputs[0]);
  // A clamp on the way is seen through.
  if (readers->size() == 1 && (*readers)[0].node && !side[unit((*readers)[0].node)]) {
    const Node& clamp = graph_[(*readers)[0].node];
    if (clamp.op.type == "Relu" || clamp.op.type == "Clip") readers = &context_.uses.readers(clamp.outputs[0]);
  }
  std::vector<uint32_t> behind;
  for (const Use& use : *readers) {
    if (!side[unit(use)]) return {};
    behind.push_back(unit(use));
  }
  return behind;
}

// Between codes the runtime has no op compute in float, nor its weights stay exact: an op that shall has no readers of
// codes behind it.
bool Placement::keep_in_float(const std::vector<bool>& side) {
  bool any = false;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (const uint32_t reader : joined_behind(NodeId(i), side)) {
      cut_.add_cost(reader, unit_[i], MinCut::kNever);
      any = true;
    }
  }
  return any;
}

bool Placement::is_passed(NodeId id) const {
  return nodes_[id.index].op != nullptr &&
         std::ranges::find(target_.passes_pairs, graph_[id].op.type) != target_.passes_pairs.end();
}

// What pairs are moved across, and only codes are wanted of, takes codes.
bool Placement::pull_into_integers(const std::vector<bool>& side) {
  bool any = false;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!is_passed(NodeId(i)) || side[unit_[i]]) continue;
    const auto& readers = context_.uses.readers(graph_[NodeId(i)].outputs[0]);
    const bool all = std::ranges::all_of(readers, [&](const Use& use) { return side[unit(use)]; });
    if (readers.empty() || !all) continue;
    cut_.add_cost(unit(readers[0]), unit_[i], MinCut::kNever);
    any = true;
  }
  return any;
}

std::vector<bool> Placement::solve() {
  add_nodes();
  for (std::size_t i = 0; i < graph_.values.size(); ++i) add_value(ValueId(i));
  std::vector<bool> side = cut_.solve();
  while (keep_in_float(side) || pull_into_integers(side)) side = cut_.solve();
  std::vector<bool> in_integers(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) in_integers[i] = side[unit_[i]];
  return in_integers;
}

}  // namespace

double likely_elements(const PlanContext& context, ValueId value) { return elements(context, value); }

NodeCost node_cost(const PlanContext& context, const TargetOp& op, NodeId id) {
  const Node& node = context.graph()[id];
  const OpCosts& costs = costs_of(context, op, id);
  double count = 0;
  for (const ValueId output : node.outputs) {
    if (output) count = std::max(count, elements(context, output));
  }
  const double summed = products(context, node);
  if (summed == 0 && !node.inputs.empty() && node.inputs[0]) {
    count = std::max(count, elements(context, node.inputs[0]));
  }
  const auto price = [&](const Cost& cost) { return count * (cost.element + cost.product * summed); };
  return {price(costs.in_float), price(costs.in_integers)};
}

std::vector<bool> place(const PlanContext& context, const Target& target, const std::vector<Placeable>& nodes) {
  if (nodes.size() <= kMostNodes) return Placement(context, target, nodes).solve();
  std::vector<bool> in_integers(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) in_integers[i] = nodes[i].op != nullptr;
  return in_integers;
}

}  // namespace narrowcast
