#include "rewrite/tflite_weights.h"

#include <algorithm>

#include "ops/op.h"
#include "rewrite/float_source.h"
#include "rewrite/readers.h"
#include "rewrite/tflite_version.h"

namespace narrowcast {
namespace {

class TfliteWeightRewriter {
 public:
  TfliteWeightRewriter(EditLog& log, const Files& files, const WeightPlan& plan, const NarrowedWeight& narrowed)
      : log_(log),
        files_(files),
        plan_(plan),
        narrowed_(narrowed),
        stored_(plan.source),
        scope_(log.graph()[plan.source].scope),
        name_(log.graph()[plan.source].name),
        shape_(log.graph()[plan.source].constant->shape) {
    reason_ =
        "'" + name_ + "' is stored as " + std::string(dtype_name(plan.dtype)) + ", " + std::string(cut_name(plan.cut));
  }

  void write() {
    if (plan_.form == WeightForm::codes) return write_codes();
    move_readers(log_, plan_, plan_.cut == Cut::per_block ? write_blocks() : write_channels(), reason_);
  }

 private:
  ValueId insert(std::string type, std::vector<ValueId> inputs, std::string_view suffix, Shape shape) {
    Node node;
    node.op = {std::string(kTfliteDomain), std::move(type), 1, {}};
    node.inputs = std::move(inputs);
    node.op.version = tflite_version_of(log_.graph(), node);
    Value output;
    output.name = log_.unique_name(name_ + std::string(suffix));
    output.type = {DType::f32, std::move(shape)};
    std::vector<Value> outputs;
    outputs.push_back(std::move(output));
    const NodeId id = log_.insert_node(scope_, plan_.anchor, std::move(node), std::move(outputs), reason_);
    return log_.graph()[id].outputs[0];
  }

  template <typename T>
  ValueId add(std::string_view suffix, DType dtype, Shape shape, const std::vector<T>& elements) {
    return log_.add_constant(scope_, log_.unique_name(name_ + std::string(suffix)),
                             make_constant(dtype, std::move(shape), elements), std::nullopt, reason_);
  }

  void store_codes(Shape shape, std::optional<QuantParams> params) {
    Constant codes{plan_.dtype, std::move(shape), narrowed_.codes};
    if (plan_.is_copy) {
      stored_ = log_.add_constant(scope_, log_.unique_name(name_ + "_" + std::string(dtype_name(plan_.dtype))),
                                  std::move(codes), std::move(params), reason_);
    } else {
      log_.set_constant(plan_.source, std::move(codes), std::move(params), reason_);
    }
  }

  // A float16 tensor has no scales.
  void store_channels() {
    std::optional<QuantParams> params;
    if (plan_.dtype != DType::f16) {
      params.emplace();
      params->scales.assign(narrowed_.scales.begin(), narrowed_.scales.end());
      params->zero_points.assign(narrowed_.zero_points.begin(), narrowed_.zero_points.end());
      params->zero_points.resize(params->scales.size(), 0);
      params->axis = plan_.cut == Cut::per_channel ? plan_.axis : 0;
    }
    store_codes(shape_, std::move(params));
  }

  // The ops themselves read the codes.
  void write_codes() {
    store_channels();
    for (const Use& reader : plan_.readers) {
      if (log_.graph()[reader.node].inputs[reader.slot] != stored_) {
        log_.set_input(reader.node, reader.slot, stored_, reason_);
      }
    }
    for (const NodeId converter : plan_.converters) log_.drop_node(converter, "its operand is codes now");
    if (plan_.beside_floats) mind_float_data();
  }

  // Hybrid kernels: what else they ask for.
  void mind_float_data() {
    for (const Use& reader : plan_.readers) {
      const Node& node = log_.graph()[reader.node];
      const ops::Rule rule = tflite_rule_of(log_.graph(), node);
      if (rule.says_asymmetric && node.op.int_or(ops::kAsymmetricInputs, 0) == 0) {
        log_.set_attribute(reader.node, std::string(ops::kAsymmetricInputs), int64_t{1},
                           "its data is quantized as it comes, around a zero point of its own");
      }
      const auto slots = static_cast<uint32_t>(std::min(node.inputs.size(), rule.operands.size()));
      for (uint32_t slot = 0; slot < slots; ++slot) {
        if (rule.operands[slot].role == ops::Role::bias) widen_bias(reader.node, slot);
      }
    }
  }

  // Beside int8 weights a bias has to be a float32 constant: kernels take no float16 one there.
  void widen_bias(NodeId node, uint32_t slot) {
    const Graph& graph = log_.graph();
    const ValueId bias = graph[node].inputs[slot];
    const NodeId widening = bias ? graph[bias].producer : NodeId();
    if (!widening || graph[widening].op.type != "DEQUANTIZE" || !graph[widening].inputs[0]) return;
    const Value& source = graph[graph[widening].inputs[0]];
    if (!source.constant || source.constant->dtype != DType::f16) return;
    const ValueId widened =
        log_.add_constant(source.scope, log_.unique_name(source.name + "_float32"),
                          make_constant(DType::f32, source.constant->shape, read_floats(files_, *source.constant)),
                          std::nullopt, "a bias beside int8 weights is float32");
    log_.set_input(node, slot, widened, "a bias beside int8 weights is float32");
  }

  ValueId write_channels() {
    store_channels();
    return insert("DEQUANTIZE", {plan_.source}, "_dequantize", shape_);
  }

  ValueId write_blocks() {
    const auto& blocks = plan_.blocks;
    const auto outer = static_cast<int64_t>(blocks.outer);
    const auto count = static_cast<int64_t>(blocks.blocks());
    const auto inner = static_cast<int64_t>(blocks.inner);
    const Shape code_shape{outer, count, static_cast<int64_t>(blocks.block_size), inner};
    store_codes(code_shape, QuantParams{.scales = {1.0F}, .zero_points = {0}, .axis = 0});
    const ValueId codes = insert("DEQUANTIZE", {plan_.source}, "_codes", code_shape);
    const ValueId scales = add("_scale", DType::f32, {outer, count, 1, inner}, narrowed_.block_scales);
    const ValueId scaled = insert("MUL", {codes, scales}, "_scaled", code_shape);
    std::vector<int32_t> sizes(shape_.size());
    std::ranges::transform(shape_, sizes.begin(), [](int64_t size) { return static_cast<int32_t>(size); });
    const ValueId target = add("_shape", DType::i32, {static_cast<int64_t>(sizes.size())}, sizes);
    return insert("RESHAPE", {scaled, target}, "_dequantize", shape_);
  }

  EditLog& log_;
  const Files& files_;
  const WeightPlan& plan_;
  const NarrowedWeight& narrowed_;
  ValueId stored_;  // what holds the codes
  ScopeId scope_;
  std::string name_;
  Shape shape_;
  std::string reason_;
};

}  // namespace

void drop_unread_widenings(EditLog& log) {
  const Graph& graph = log.graph();
  if (std::ranges::none_of(log.edits(), [](const Edit& edit) { return edit.kind == EditKind::set_input; })) return;
  const auto uses = collect_uses(graph);
  for (const Scope& scope : graph.scopes) {
    const std::vector<NodeId> nodes = scope.nodes;
    for (const NodeId id : nodes) {
      const Node& node = graph[id];
      const bool widens = node.op.type == "DEQUANTIZE" && node.outputs.size() == 1 && node.outputs[0];
      if (widens && uses[node.outputs[0].index].empty()) log.drop_node(id, "nothing reads what it widened");
    }
  }
}

Status rewrite_tflite_weight(EditLog& log, const Files& files, const WeightPlan& plan, const NarrowedWeight& narrowed) {
  TfliteWeightRewriter(log, files, plan, narrowed).write();
  return {};
}

}  // namespace narrowcast
