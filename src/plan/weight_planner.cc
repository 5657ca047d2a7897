#include "plan/weight_planner.h"

#include <algorithm>

#include "ops/op.h"
#include "plan/cut.h"
#include "plan/dynamic_form.h"
#include "plan/hybrid_form.h"
#include "plan/target.h"

namespace narrowcast {
namespace {

// What a narrowed constant costs beside its codes and scales: the op that widens it, names, shapes, alignment.
constexpr uint64_t kOverheadBytes = 192;
// The same where no op is put in front: a table of scales and 64-bit zero points.
constexpr uint64_t kHybridBytes = 64;
// Below this a block carries more scale than codes.
constexpr int kSmallestBlock = 8;

// Whether an operand of the node is a quantized tensor (TFLite; ONNX has ops of their own for those).
bool reads_codes(const Graph& graph, NodeId id) {
  return std::ranges::any_of(graph[id].inputs, [&](ValueId input) {
    return input && graph[input].quant && !graph[input].quant->scales.empty() && graph[input].type.dtype != DType::f32;
  });
}

class WeightPlanner {
 public:
  explicit WeightPlanner(const PlanContext& context)
      : context_(context), graph_(context.graph()), verdict_of_(graph_.values.size(), -1) {
    plan_.recipe = context.recipe;
  }

  Result<Plan> plan();

 private:
  Status check_recipe() const;
  Status check_dynamic() const;
  Status check_type(DType weights) const;
  [[nodiscard]] bool takes_int4(const RawOp& op) const;
  [[nodiscard]] bool asks_int4(const WeightPlan& weight) const;
  [[nodiscard]] bool codes_by_channel(const RawOp& op, const WeightSettings& settings) const;
  void take_together();
  [[nodiscard]] bool is_dynamic_tflite() const {
    return context_.capability.is_tflite && plan_.recipe.mode == Mode::dynamic_range;
  }
  void plan_constant(ValueId source);
  [[nodiscard]] bool widens(const Node& node) const;
  std::optional<std::string> find_readers(ValueId source, WeightPlan& weight) const;
  std::optional<std::string> check_readers(ValueId source, const WeightPlan& weight) const;
  std::optional<std::string> cut_weight(const WeightUse& use, WeightPlan& weight) const;
  void cut_blocks(const WeightUse& use, const WeightSettings& settings, WeightPlan& weight) const;
  [[nodiscard]] uint64_t narrowed_bytes(const WeightPlan& weight) const;
  void judge(ValueId source, Verdict verdict, std::string reason) {
    verdict_of_[source.index] = static_cast<int>(plan_.constants.size());
    plan_.constants.push_back({source, verdict, std::move(reason)});
  }
  void judge_nodes();
  [[nodiscard]] std::string how_narrowed(ValueId source) const;
  [[nodiscard]] NodeVerdict judge_node(NodeId id) const;

  const PlanContext& context_;
  const Graph& graph_;
  std::vector<int> verdict_of_;  // by value: index into plan_.constants, or -1
  Plan plan_;
};

Status WeightPlanner::check_dynamic() const {
  if (context_.capability.is_tflite) {
    const Target* target = find_target(plan_.recipe.target, "tflite");
    if (target == nullptr) {
      return fail(ErrorCode::usage, "Target '" + plan_.recipe.target + "' runs no TFLite models.", "target");
    }
    if (!target->hybrid) {
      return fail(ErrorCode::unsupported,
                  "Target '" + target->name + "' has no kernels for int8 weights beside floats: choose full-integer.",
                  "mode");
    }
  }
  return {};
}

// One of the types that the recipe or a rule of it asks for.
Status WeightPlanner::check_type(DType weights) const {
  const Recipe& recipe = plan_.recipe;
  const bool is_narrow = dtype_bits(weights) == 4;
  if (recipe.mode == Mode::dynamic_range && is_narrow && context_.capability.is_tflite) {
    const Target* target = find_target(recipe.target, "tflite");
    if (target != nullptr && !target->int4) {
      return fail(ErrorCode::unsupported, "Target '" + target->name + "' does not read weights of int4.", "weights");
    }
  } else if (recipe.mode == Mode::dynamic_range && is_narrow) {
    return fail(ErrorCode::usage, "Mode dynamic-range multiplies 8-bit integers: choose int8 or uint8.", "weights");
  }
  if ((weights == DType::u8 || weights == DType::u4) && !context_.capability.unsigned_weights) {
    return fail(ErrorCode::usage, "TFLite has no unsigned weights: choose int8 or int4.", "weights");
  }
  if (recipe.formula != FormulaChoice::automatic && is_narrow) {
    return fail(ErrorCode::usage, "4-bit weights have one formula: leave it out.", "formula");
  }
  return {};
}

Status WeightPlanner::check_recipe() const {
  const Recipe& recipe = plan_.recipe;
  if (recipe.mode == Mode::float16) return {};
  if (recipe.mode == Mode::dynamic_range) NC_CHECK(check_dynamic());
  NC_CHECK(check_type(recipe.weights));
  for (const NodeRule& rule : recipe.rules) {
    if (rule.weights) NC_CHECK(check_type(*rule.weights));
  }
  if (recipe.mode == Mode::weight_only && recipe.style == Style::qoperator &&
      (context_.capability.is_tflite || dtype_bits(recipe.weights) != 4)) {
    return fail(ErrorCode::usage,
                "Style qoperator writes MatMulNBits: it needs an ONNX model and int4 or uint4 weights.", "style");
  }
  return {};
}

// An op that only converts to float32, such as a Cast or DEQUANTIZE of float16.
bool WeightPlanner::widens(const Node& node) const {
  const ops::OpDef* op = ops::find_op(node.op);
  const bool is_view = op != nullptr && op->view != nullptr && node.outputs.size() == 1 && node.outputs[0];
  return is_view && context_.type(node.outputs[0]).dtype == DType::f32;
}

// Who reads the constant as float32; a float16 one only through its converters.
std::optional<std::string> WeightPlanner::find_readers(ValueId source, WeightPlan& weight) const {
  if (graph_[source].type.dtype == DType::f32) {
    weight.readers = context_.uses.readers(source);
    return std::nullopt;
  }
  for (const Use& use : context_.uses.readers(source)) {
    if (!use.node) return "it is an output of the graph";
    const Node& node = graph_[use.node];
    if (!widens(node)) return "it is float16 and read as such by '" + graph_.label(use.node) + "'";
    if (node.scope != graph_[source].scope) return "it is float16 and widened inside a body";
    weight.converters.push_back(use.node);
    const auto& through = context_.uses.readers(node.outputs[0]);
    weight.readers.insert(weight.readers.end(), through.begin(), through.end());
  }
  return std::nullopt;
}

// Why some reader keeps the constant in float; nothing when all of them agree to narrow it.
std::optional<std::string> WeightPlanner::check_readers(ValueId source, const WeightPlan& weight) const {
  const bool is_half = plan_.recipe.mode == Mode::float16;
  for (const Use& reader : weight.readers) {
    if (!reader.node) return "it is an output of the graph";
    if (context_.uses.role(reader.node, reader.slot) == ops::Role::plain) {
      return "'" + graph_.label(reader.node) + "' needs its exact value";
    }
    std::string why = is_half ? context_.why_not_selected(reader.node, graph_[source].name) : "";
    if (!why.empty()) return why;
    // A hybrid kernel takes integer weights and a float32 bias, no other.
    if (is_half && reads_codes(graph_, reader.node)) {
      return "'" + graph_.label(reader.node) + "' computes with integer weights already";
    }
    if (is_half) continue;
    if (auto stray = context_.uses.strays(reader)) return stray;
  }
  if (is_half) return std::nullopt;
  for (const WeightUse& use : context_.uses.of(source)) {
    std::string why = context_.why_not_selected(use.use.node, graph_[source].name);
    if (!why.empty()) return why;
  }
  return std::nullopt;
}

void WeightPlanner::cut_blocks(const WeightUse& use, const WeightSettings& settings, WeightPlan& weight) const {
  const Shape& shape = graph_[weight.source].constant->shape;
  const auto rank = static_cast<int>(shape.size());
  weight.reduce_begin = use.axes ? use.axes->reduce_begin : rank - 1;
  weight.reduce_end = use.axes ? use.axes->reduce_end : rank;
  if (rank == 0) return cut_channels(shape, use.axes, settings.per_channel, weight);
  weight.blocks = {.outer = count_elements(shape, 0, weight.reduce_begin),
                   .k = count_elements(shape, weight.reduce_begin, weight.reduce_end),
                   .inner = count_elements(shape, weight.reduce_end, rank),
                   .block_size = static_cast<std::size_t>(settings.block_size)};
  std::size_t& size = weight.blocks.block_size;
  weight.by_column = plan_.recipe.style == Style::qoperator;
  if (!weight.by_column) {
    size = std::min(size, weight.blocks.k);
    while (!context_.capability.ragged_blocks() && weight.blocks.k % size != 0) --size;
  }
  // One scale a channel is the nearest thing where blocks would carry more scale than codes.
  if (size < kSmallestBlock) return cut_channels(shape, use.axes, settings.per_channel, weight);
  weight.cut = Cut::per_block;
}

// Whether a hybrid kernel that may have a scale a channel gets them.
bool WeightPlanner::codes_by_channel(const RawOp& op, const WeightSettings& settings) const {
  // The depthwise kernel reads a scale a channel, however many there are.
  if (op.type == "DEPTHWISE_CONV_2D") return true;
  const Target* target = find_target(plan_.recipe.target, "tflite");
  const TargetOp* row = target == nullptr ? nullptr : target->find(op.domain, op.type);
  return settings.per_channel && (row == nullptr || row->per_channel);
}

// Whether a hybrid kernel takes weights of int4.
bool WeightPlanner::takes_int4(const RawOp& op) const {
  const Target* target = find_target(plan_.recipe.target, "tflite");
  const TargetOp* row = target == nullptr ? nullptr : target->find(op.domain, op.type);
  return row != nullptr && row->hybrid_int4;
}

std::optional<std::string> WeightPlanner::cut_weight(const WeightUse& use, WeightPlan& weight) const {
  const std::string& name = graph_[weight.source].name;
  const WeightSettings settings = context_.rules.settings(use.use.node, name);
  for (const WeightUse& other : context_.uses.of(weight.source)) {
    if (context_.rules.settings(other.use.node, name) != settings) {
      return "the recipe's rules want it narrowed in two ways";
    }
  }
  weight.dtype = settings.weights;
  weight.formula = chosen_formula(plan_.recipe, context_.capability.is_tflite);
  weight.is_symmetric = weight.dtype == DType::i8 || weight.dtype == DType::i4;
  weight.reduce_range = settings.reduce_range;
  const bool is_narrow = dtype_bits(weight.dtype) == 4;
  if (plan_.recipe.style == Style::qoperator && is_narrow) {
    const Node& node = graph_[use.use.node];
    const bool fits = node.op.type == "MatMul" && node.op.domain.empty() && use.use.slot == 1 &&
                      weight.readers.size() == 1 && weight.readers[0] == use.use &&
                      graph_[weight.source].constant->shape.size() == 2 && weight.converters.empty();
    if (!fits) return "MatMulNBits takes a MatMul whose second operand is a constant matrix of its own";
  }
  const ops::Hybrid hybrid = is_dynamic_tflite() ? hybrid_of(context_, weight) : ops::Hybrid::no;
  if (hybrid != ops::Hybrid::no) {
    weight.form = WeightForm::codes;
    weight.beside_floats = true;
    if (is_narrow && (hybrid != ops::Hybrid::per_channel || !takes_int4(graph_[use.use.node].op))) {
      weight.dtype = DType::i8;
    }
    const bool per_channel = hybrid == ops::Hybrid::per_channel &&
                             (dtype_bits(weight.dtype) == 4 || codes_by_channel(graph_[use.use.node].op, settings));
    cut_channels(graph_[weight.source].constant->shape, per_channel ? use.axes : std::nullopt, per_channel, weight);
  } else if (is_narrow) {
    cut_blocks(use, settings, weight);
  } else {
    cut_channels(graph_[weight.source].constant->shape, use.axes, settings.per_channel, weight);
  }
  return std::nullopt;
}

uint64_t WeightPlanner::narrowed_bytes(const WeightPlan& weight) const {
  const auto elements = static_cast<uint64_t>(element_count(graph_[weight.source].constant->shape));
  if (weight.dtype == DType::f16) return elements * 2 + kOverheadBytes;
  const bool has_zero_points = weight.dtype == DType::u8 || weight.dtype == DType::u4;
  if (weight.form == WeightForm::codes)
    return packed_bytes(elements, weight.dtype) + weight.channels.channels * 12 + kHybridBytes;
  const uint64_t parameters = weight.cut == Cut::per_block ? weight.blocks.parameters() : weight.channels.channels;
  return packed_bytes(elements, weight.dtype) + parameters * (has_zero_points ? 5 : 4) + kOverheadBytes;
}

void WeightPlanner::plan_constant(ValueId source) {
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
  if (!is_half && context_.uses.of(source).empty()) {
    return judge(source, Verdict::left_float, "no op uses it as a weight");
  }
  if (const auto why = check_readers(source, weight)) return judge(source, Verdict::left_float, *why);
  if (is_dynamic_tflite() && elements < plan_.recipe.min_elements) {
    return judge(source, Verdict::left_float,
                 "it has fewer than " + std::to_string(plan_.recipe.min_elements) + " elements");
  }
  if (is_half) {
    weight.dtype = DType::f16;
    weight.cut = Cut::per_tensor;
    weight.channels = {1, static_cast<std::size_t>(elements)};
  } else if (const auto why = cut_weight(context_.uses.of(source).front(), weight)) {
    return judge(source, Verdict::left_float, *why);
  }
  if (narrowed_bytes(weight) >= payload_length(constant.payload)) {
    return judge(source, Verdict::left_float, "too small to gain: scales and the widening op would outweigh it");
  }
  std::vector<Use> readers = weight.readers;
  for (const NodeId converter : weight.converters) readers.push_back({converter, 0, graph_[converter].scope});
  if (plan_.recipe.mode == Mode::dynamic_range && !is_dynamic_tflite()) weight.form = dynamic_form(context_, weight);
  weight.is_transposed = weight.form == WeightForm::recurrent ||
                         (weight.form == WeightForm::product && stores_outputs_first(graph_, weight));
  weight.anchor = context_.first_reader(graph_[source].scope, readers);
  plan_.weights.push_back(std::move(weight));
  judge(source, Verdict::quantized, "");
}

// Leaves out the weights of ops that take codes in all of them or in none, until nothing is in the way.
void WeightPlanner::take_together() {
  CodedSlots coded(graph_.nodes.size());
  const auto flip = [&](const WeightPlan& weight) {
    for (const Use& use : weight.readers) coded[use.node.index] ^= uint64_t{1} << use.slot;
  };
  for (const WeightPlan& weight : plan_.weights) {
    if (weight.form == WeightForm::codes) flip(weight);
  }
  for (std::size_t before = 0; before != plan_.weights.size();) {
    before = plan_.weights.size();
    std::erase_if(plan_.weights, [&](const WeightPlan& weight) {
      if (weight.form != WeightForm::codes) return false;
      const auto holdout = find_holdout(context_, weight, coded);
      if (!holdout) return false;
      flip(weight);
      WeightVerdict& verdict = plan_.constants[static_cast<std::size_t>(verdict_of_[weight.source.index])];
      verdict.verdict = Verdict::left_float;
      verdict.reason = "'" + graph_.label(holdout->node) + "' takes codes in all of its weights or in none, and '" +
                       graph_[holdout->weight].name + "' stays float";
      return true;
    });
  }
}

bool WeightPlanner::asks_int4(const WeightPlan& weight) const {
  const WeightSettings settings = context_.rules.settings(weight.readers.front().node, graph_[weight.source].name);
  return settings.weights == DType::i4;
}

std::string WeightPlanner::how_narrowed(ValueId source) const {
  const auto weight = std::ranges::find(plan_.weights, source, &WeightPlan::source);
  std::string name = "weight '" + graph_[source].name + "'";
  if (weight == plan_.weights.end() || weight->form == WeightForm::widened) return name;
  if (weight->form == WeightForm::convolution) {
    return name + ": ConvInteger, the other operand is quantized as it comes";
  }
  if (weight->form == WeightForm::recurrent) {
    return name + ": DynamicQuantizeLSTM, the other operands are quantized as they come";
  }
  if (weight->form == WeightForm::embedding) return name + ": the rows that are asked for are widened";
  if (weight->form == WeightForm::codes) {
    const bool is_wider = weight->dtype == DType::i8 && asks_int4(*weight);
    return name + (is_wider ? " in int8, since the kernel takes none of int4" : "") +
           ": products of integers, the data is quantized as it comes";
  }
  return name + ": MatMulInteger, the other operand is quantized as it comes";
}

NodeVerdict WeightPlanner::judge_node(NodeId id) const {
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
    if (context_.uses.role(id, slot) != ops::Role::weight) continue;
    const auto& sources = context_.uses.sources(id, slot);
    for (const ValueId source : sources) {
      if (narrowed(source)) return {id, Verdict::quantized, how_narrowed(source), source};
      why = "weight '" + graph_[source].name + "'" +
            (verdict(source) != nullptr ? ": " + verdict(source)->reason : " is not in float");
    }
    if (sources.empty() && why.empty()) why = "its operands are made at run time";
  }
  if (why.empty()) why = ops::find_op(node.op) == nullptr ? "the op is not known" : "the op has no weights";
  return {id, Verdict::left_float, why, {}};
}

void WeightPlanner::judge_nodes() {
  for (const Scope& scope : graph_.scopes) {
    for (const NodeId id : scope.nodes) {
      if (graph_[id].op.type != "Constant") plan_.nodes.push_back(judge_node(id));
    }
  }
}

Result<Plan> WeightPlanner::plan() {
  NC_CHECK(check_recipe());
  for (std::size_t i = 0; i < graph_.values.size(); ++i) {
    const auto& constant = graph_.values[i].constant;
    if (constant && (constant->dtype == DType::f32 || constant->dtype == DType::f16)) plan_constant(ValueId(i));
  }
  take_together();
  settle_recurrent(graph_, plan_.weights);
  judge_nodes();
  return std::move(plan_);
}

}  // namespace

Result<Plan> plan_weights(const PlanContext& context) { return WeightPlanner(context).plan(); }

}  // namespace narrowcast
