#include <algorithm>
#include <memory>

#include "ops/op.h"
#include "passes/infer_types.h"
#include "plan/capability.h"
#include "plan/plan.h"
#include "plan/weight_uses.h"

namespace narrowcast {
namespace {

// What a narrowed constant costs beside its codes and scales: the op that widens it, names, shapes, alignment.
constexpr uint64_t kOverheadBytes = 192;
// Below this a block carries more scale than codes.
constexpr int kSmallestBlock = 8;

std::size_t product(const Shape& shape, int begin, int end) {
  std::size_t size = 1;
  for (int i = begin; i < end; ++i) size *= static_cast<std::size_t>(shape[static_cast<std::size_t>(i)]);
  return size;
}

// Whether an operand of the node is a quantized tensor (TFLite; ONNX has ops of their own for those).
bool reads_codes(const Graph& graph, NodeId id) {
  return std::ranges::any_of(graph[id].inputs, [&](ValueId input) {
    return input && graph[input].quant && !graph[input].quant->scales.empty() && graph[input].type.dtype != DType::f32;
  });
}

class Planner {
 public:
  Planner(const Model& model, const Recipe& recipe)
      : files_(model.files),
        graph_(model.graph),
        capability_(capability_of(model)),
        verdict_of_(model.graph.values.size(), -1) {
    plan_.recipe = recipe;
  }

  Result<Plan> plan();

 private:
  Status check_recipe() const;
  void infer_facts();
  void number_nodes();
  void plan_constant(ValueId source);
  [[nodiscard]] bool widens(const Node& node) const;
  std::optional<std::string> find_readers(ValueId source, WeightPlan& weight) const;
  std::optional<std::string> check_readers(ValueId source, const WeightPlan& weight) const;
  [[nodiscard]] std::string why_not_selected(NodeId node, std::string_view weight) const;
  std::optional<std::string> cut_weight(const WeightUse& use, WeightPlan& weight) const;
  void cut_blocks(const WeightUse& use, WeightPlan& weight) const;
  void cut_channels(const WeightUse& use, WeightPlan& weight) const;
  [[nodiscard]] uint64_t narrowed_bytes(const WeightPlan& weight) const;
  [[nodiscard]] NodeId find_anchor(const WeightPlan& weight) const;
  void judge(ValueId source, Verdict verdict, std::string reason) {
    verdict_of_[source.index] = static_cast<int>(plan_.constants.size());
    plan_.constants.push_back({source, verdict, std::move(reason)});
  }
  void judge_nodes();
  [[nodiscard]] NodeVerdict judge_node(NodeId id) const;

  const Files& files_;
  const Graph& graph_;
  std::vector<ops::ValueFact> facts_;  // by value
  Capability capability_;
  std::unique_ptr<WeightUses> uses_;
  std::vector<uint32_t> position_;  // by node: place in its scope
  std::vector<int> verdict_of_;     // by value: index into plan_.constants, or -1
  Plan plan_;
};

Status Planner::check_recipe() const {
  const Recipe& recipe = plan_.recipe;
  if (recipe.mode != Mode::weight_only) return {};
  const bool is_unsigned = recipe.weights == DType::u8 || recipe.weights == DType::u4;
  if (is_unsigned && !capability_.unsigned_weights) {
    return fail(ErrorCode::usage, "TFLite has no unsigned weights: choose int8 or int4.", "weights");
  }
  if (recipe.style == Style::qoperator &&
      (capability_.is_tflite || (recipe.weights != DType::i4 && recipe.weights != DType::u4))) {
    return fail(ErrorCode::usage,
                "Style qoperator writes MatMulNBits: it needs an ONNX model and int4 or uint4 weights.", "style");
  }
  return {};
}

// Shapes that contradict each other are the runtime's to judge: what the file declares is enough to go on.
void Planner::infer_facts() {
  Result<std::vector<ops::ValueFact>> facts = infer_types(graph_, files_);
  if (facts) {
    facts_ = std::move(*facts);
    return;
  }
  plan_.warnings.push_back("'" + facts.error().where + "': " + facts.error().message);
  facts_.resize(graph_.values.size());
  for (std::size_t i = 0; i < facts_.size(); ++i) facts_[i].type = graph_.values[i].type;
}

void Planner::number_nodes() {
  position_.resize(graph_.nodes.size(), 0);
  for (const Scope& scope : graph_.scopes) {
    for (uint32_t i = 0; i < scope.nodes.size(); ++i) position_[scope.nodes[i].index] = i;
  }
}

// An op that only converts to float32, such as a Cast or DEQUANTIZE of float16.
bool Planner::widens(const Node& node) const {
  const ops::OpDef* op = ops::find_op(node.op);
  const bool is_view = op != nullptr && op->view != nullptr && node.outputs.size() == 1 && node.outputs[0];
  return is_view && facts_[node.outputs[0].index].type.dtype == DType::f32;
}

// Who reads the constant as float32; a float16 one only through its converters.
std::optional<std::string> Planner::find_readers(ValueId source, WeightPlan& weight) const {
  if (graph_[source].type.dtype == DType::f32) {
    weight.readers = uses_->readers(source);
    return std::nullopt;
  }
  for (const Use& use : uses_->readers(source)) {
    if (!use.node) return "it is an output of the graph";
    const Node& node = graph_[use.node];
    if (!widens(node)) return "it is float16 and read as such by '" + graph_.label(use.node) + "'";
    if (node.scope != graph_[source].scope) return "it is float16 and widened inside a body";
    weight.converters.push_back(use.node);
    const auto& through = uses_->readers(node.outputs[0]);
    weight.readers.insert(weight.readers.end(), through.begin(), through.end());
  }
  return std::nullopt;
}

// Why some reader keeps the constant in float; nothing when all of them agree to narrow it.
std::optional<std::string> Planner::check_readers(ValueId source, const WeightPlan& weight) const {
  const bool is_half = plan_.recipe.mode == Mode::float16;
  for (const Use& reader : weight.readers) {
    if (!reader.node) return "it is an output of the graph";
    if (uses_->role(reader.node, reader.slot) == ops::Role::plain) {
      return "'" + graph_.label(reader.node) + "' needs its exact value";
    }
    std::string why = is_half ? why_not_selected(reader.node, graph_[source].name) : "";
    if (!why.empty()) return why;
    // A hybrid kernel takes integer weights and a float32 bias, no other.
    if (is_half && reads_codes(graph_, reader.node)) {
      return "'" + graph_.label(reader.node) + "' computes with integer weights already";
    }
    if (is_half) continue;
    if (auto stray = uses_->strays(reader)) return stray;
  }
  if (is_half) return std::nullopt;
  for (const WeightUse& use : uses_->of(source)) {
    std::string why = why_not_selected(use.use.node, graph_[source].name);
    if (!why.empty()) return why;
  }
  return std::nullopt;
}

std::string Planner::why_not_selected(NodeId id, std::string_view weight) const {
  const Recipe& recipe = plan_.recipe;
  const Node& node = graph_[id];
  const std::string label = graph_.label(id);
  const auto matches = [&](const std::string& glob) { return glob_matches(glob, label) || glob_matches(glob, weight); };
  if (!recipe.op_types.empty() && std::ranges::find(recipe.op_types, node.op.type) == recipe.op_types.end()) {
    return "op type " + node.op.type + " is not among the chosen ones";
  }
  if (!recipe.only.empty() && std::ranges::none_of(recipe.only, matches)) return "not among the chosen names";
  if (std::ranges::any_of(recipe.exclude, matches)) return "excluded by name";
  return "";
}

void Planner::cut_channels(const WeightUse& use, WeightPlan& weight) const {
  const Shape& shape = graph_[weight.source].constant->shape;
  const auto rank = static_cast<int>(shape.size());
  // Any axis will do for a weight whose elements are moved on the way: finer scales are never worse.
  const bool per_channel = plan_.recipe.per_channel && (use.axes || rank >= 2);
  weight.cut = per_channel ? Cut::per_channel : Cut::per_tensor;
  weight.axis = per_channel && use.axes ? use.axes->channel : 0;
  if (per_channel) {
    weight.channels.channels = static_cast<std::size_t>(shape[static_cast<std::size_t>(weight.axis)]);
    weight.channels.inner = product(shape, weight.axis + 1, rank);
  } else {
    weight.channels = {1, product(shape, 0, rank)};
  }
}

void Planner::cut_blocks(const WeightUse& use, WeightPlan& weight) const {
  const Shape& shape = graph_[weight.source].constant->shape;
  const auto rank = static_cast<int>(shape.size());
  weight.reduce_begin = use.axes ? use.axes->reduce_begin : rank - 1;
  weight.reduce_end = use.axes ? use.axes->reduce_end : rank;
  if (rank == 0) return cut_channels(use, weight);
  weight.blocks = {.outer = product(shape, 0, weight.reduce_begin),
                   .k = product(shape, weight.reduce_begin, weight.reduce_end),
                   .inner = product(shape, weight.reduce_end, rank),
                   .block_size = static_cast<std::size_t>(plan_.recipe.block_size)};
  std::size_t& size = weight.blocks.block_size;
  weight.by_column = plan_.recipe.style == Style::qoperator;
  if (!weight.by_column) {
    size = std::min(size, weight.blocks.k);
    while (!capability_.ragged_blocks() && weight.blocks.k % size != 0) --size;
  }
  // One scale a channel is the nearest thing where blocks would carry more scale than codes.
  if (size < kSmallestBlock) return cut_channels(use, weight);
  weight.cut = Cut::per_block;
}

std::optional<std::string> Planner::cut_weight(const WeightUse& use, WeightPlan& weight) const {
  weight.dtype = plan_.recipe.weights;
  if (plan_.recipe.style == Style::qoperator) {
    const Node& node = graph_[use.use.node];
    const bool fits = node.op.type == "MatMul" && node.op.domain.empty() && use.use.slot == 1 &&
                      weight.readers.size() == 1 && weight.readers[0] == use.use &&
                      graph_[weight.source].constant->shape.size() == 2 && weight.converters.empty();
    if (!fits) return "MatMulNBits takes a MatMul whose second operand is a constant matrix of its own";
  }
  if (dtype_bits(weight.dtype) == 4) {
    cut_blocks(use, weight);
  } else {
    cut_channels(use, weight);
  }
  return std::nullopt;
}

uint64_t Planner::narrowed_bytes(const WeightPlan& weight) const {
  const auto elements = static_cast<uint64_t>(element_count(graph_[weight.source].constant->shape));
  if (weight.dtype == DType::f16) return elements * 2 + kOverheadBytes;
  const bool has_zero_points = weight.dtype == DType::u8 || weight.dtype == DType::u4;
  const uint64_t parameters = weight.cut == Cut::per_block ? weight.blocks.parameters() : weight.channels.channels;
  return packed_bytes(elements, weight.dtype) + parameters * (has_zero_points ? 5 : 4) + kOverheadBytes;
}

NodeId Planner::find_anchor(const WeightPlan& weight) const {
  const ScopeId scope = graph_[weight.source].scope;
  NodeId first;
  const auto consider = [&](NodeId node) {
    while (node && graph_[node].scope != scope) node = graph_[graph_[node].scope].owner;
    if (node && (!first || position_[node.index] < position_[first.index])) first = node;
  };
  for (const Use& reader : weight.readers) consider(reader.node);
  for (const NodeId converter : weight.converters) consider(converter);
  return first;
}

void Planner::plan_constant(ValueId source) {
  const Value& value = graph_[source];
  const Constant& constant = *value.constant;
  const int64_t elements = element_count(constant.shape);
  const bool is_half = plan_.recipe.mode == Mode::float16;
  if (value.is_sparse) return judge(source, Verdict::left_float, "its stored form is not dense");
  if (constant.dtype == DType::f16 && is_half) return judge(source, Verdict::left_float, "it is float16 already");
  if (elements <= 0) return judge(source, Verdict::left_float, "it is empty");
  WeightPlan weight;
  weight.source = source;
  if (const auto why = find_readers(source, weight)) return judge(source, Verdict::left_float, *why);
  if (weight.readers.empty()) return judge(source, Verdict::left_float, "nothing reads it");
  if (!is_half && uses_->of(source).empty()) {
    return judge(source, Verdict::left_float, "no op uses it as a weight");
  }
  if (const auto why = check_readers(source, weight)) return judge(source, Verdict::left_float, *why);
  if (is_half) {
    weight.dtype = DType::f16;
    weight.cut = Cut::per_tensor;
    weight.channels = {1, static_cast<std::size_t>(elements)};
  } else if (const auto why = cut_weight(uses_->of(source).front(), weight)) {
    return judge(source, Verdict::left_float, *why);
  }
  if (narrowed_bytes(weight) >= payload_length(constant.payload)) {
    return judge(source, Verdict::left_float, "too small to gain: scales and the widening op would outweigh it");
  }
  weight.anchor = find_anchor(weight);
  plan_.weights.push_back(std::move(weight));
  judge(source, Verdict::quantized, "");
}

NodeVerdict Planner::judge_node(NodeId id) const {
  const Node& node = graph_[id];
  const bool is_half = plan_.recipe.mode == Mode::float16;
  const auto verdict = [&](ValueId source) -> const WeightVerdict* {
    const int index = verdict_of_[source.index];
    return index < 0 ? nullptr : &plan_.constants[static_cast<std::size_t>(index)];
  };
  const auto narrowed = [&](ValueId source) {
    return verdict(source) != nullptr && verdict(source)->verdict == Verdict::quantized;
  };
  std::string why;
  for (uint32_t slot = 0; slot < node.inputs.size(); ++slot) {
    if (!node.inputs[slot]) continue;
    if (is_half && narrowed(node.inputs[slot])) {
      return {id, Verdict::quantized, "constant '" + graph_[node.inputs[slot]].name + "'", node.inputs[slot]};
    }
    if (uses_->role(id, slot) != ops::Role::weight) continue;
    const auto& sources = uses_->sources(id, slot);
    for (const ValueId source : sources) {
      if (narrowed(source)) return {id, Verdict::quantized, "weight '" + graph_[source].name + "'", source};
      why = "weight '" + graph_[source].name + "'" +
            (verdict(source) != nullptr ? ": " + verdict(source)->reason : " is not in float");
    }
    if (sources.empty() && why.empty()) why = "its operands are made at run time";
  }
  if (why.empty()) why = ops::find_op(node.op) == nullptr ? "the op is not known" : "the op has no weights";
  return {id, Verdict::left_float, why, {}};
}

void Planner::judge_nodes() {
  for (const Scope& scope : graph_.scopes) {
    for (const NodeId id : scope.nodes) {
      if (graph_[id].op.type != "Constant") plan_.nodes.push_back(judge_node(id));
    }
  }
}

Result<Plan> Planner::plan() {
  NC_CHECK(check_recipe());
  plan_.already_quantized = is_quantized(graph_);
  infer_facts();
  number_nodes();
  uses_ = std::make_unique<WeightUses>(graph_, facts_);
  for (std::size_t i = 0; i < graph_.values.size(); ++i) {
    const auto& constant = graph_.values[i].constant;
    if (constant && (constant->dtype == DType::f32 || constant->dtype == DType::f16)) plan_constant(ValueId(i));
  }
  judge_nodes();
  return std::move(plan_);
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::quantized:
      return "quantized";
    case Verdict::left_float:
      return "float";
    case Verdict::refused:
      return "refused";
  }
  return "";
}

std::string_view cut_name(Cut cut) {
  switch (cut) {
    case Cut::per_tensor:
      return "per_tensor";
    case Cut::per_channel:
      return "per_channel";
    case Cut::per_block:
      return "per_block";
  }
  return "";
}

bool is_quantized(const Graph& graph) {
  constexpr std::string_view kOps[] = {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearConv",
                                       "QLinearMatMul",  "MatMulInteger",    "ConvInteger",           "MatMulNBits",
                                       "QGemm",          "QUANTIZE"};
  const auto is_quant_op = [&](const Node& node) { return std::ranges::find(kOps, node.op.type) != std::end(kOps); };
  const auto has_scale = [](const Value& value) {
    return value.quant && !value.quant->scales.empty() && value.type.dtype != DType::f32;
  };
  return std::ranges::any_of(graph.nodes, is_quant_op) || std::ranges::any_of(graph.values, has_scale);
}

Result<Plan> make_plan(const Model& model, const Recipe& recipe) { return Planner(model, recipe).plan(); }

}  // namespace narrowcast
