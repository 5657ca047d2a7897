#include "rewrite/qdq.h"

#include <algorithm>

#include "base/math/round.h"
#include "rewrite/float_source.h"
#include "rewrite/onnx_writer.h"

namespace narrowcast {
namespace {

class PairWriter : OnnxWriter {
 public:
  PairWriter(EditLog& log, const ActivationPlan& plan)
      : OnnxWriter(log, plan.value, plan.anchor,
                   "'" + log.graph()[plan.value].name + "' is made or read as " + std::string(dtype_name(plan.dtype))),
        plan_(plan) {}

  void write() {
    const TensorType type = log_.graph()[plan_.value].type;
    const Parameters whole{quantization_domain(plan_.dtype, false),
                           {add("_scale", DType::f32, {}, std::vector{plan_.scale}),
                            add_code("_zero_point", plan_.dtype, plan_.zero_point)},
                           {}};
    if (plan_.at_border) {
      log_.set_type(plan_.value, {plan_.dtype, type.shape}, reason_);
      if (plan_.maker) make_codes(whole, type);
      read_codes(whole, type);
      return;
    }
    const Parameters border = plan_.channel_scales.empty() ? whole : by_channel();
    const bool is_made = static_cast<bool>(plan_.maker);
    const NodeId quantize =
        put("QuantizeLinear", plan_.value, is_made ? whole : border, "_quantized", {plan_.dtype, type.shape});
    const ValueId codes = log_.graph()[quantize].outputs[0];
    const NodeId dequantize = put("DequantizeLinear", codes, is_made ? border : whole, "_dequantized", type);
    const ValueId widened = log_.graph()[dequantize].outputs[0];
    if (is_made) {
      stand_in(quantize, dequantize, widened);
    } else {
      for (const Use& use : plan_.readers) log_.set_input(use.node, use.slot, widened, reason_);
    }
  }

 private:
  // What a pair's ops take beside their data.
  struct Parameters {
    std::string domain;
    std::vector<ValueId> operands;
    std::vector<Attribute> attributes;
  };

  Parameters by_channel() {
    const Shape shape{static_cast<int64_t>(plan_.channel_scales.size())};
    const std::vector<uint8_t> zeros(plan_.channel_scales.size(), static_cast<uint8_t>(plan_.zero_point));
    return {quantization_domain(plan_.dtype, true),
            {add("_channel_scales", DType::f32, shape, plan_.channel_scales),
             add("_channel_zero_points", plan_.dtype, shape, zeros)},
            {{"axis", plan_.channel_axis}}};
  }

  NodeId put(std::string type, ValueId first, const Parameters& parameters, std::string_view suffix,
             TensorType result) {
    std::vector<ValueId> inputs{first};
    inputs.insert(inputs.end(), parameters.operands.begin(), parameters.operands.end());
    return insert_node(parameters.domain, std::move(type), std::move(inputs), parameters.attributes, suffix,
                       std::move(result));
  }

  // The value holds the codes of what its maker made until now.
  void make_codes(const Parameters& parameters, const TensorType& type) {
    const NodeId quantize = put("QuantizeLinear", plan_.value, parameters, "_exact", type);
    const Graph& graph = log_.graph();
    const NodeId producer = graph[plan_.value].producer;
    const auto& outputs = graph[producer].outputs;
    const auto slot = static_cast<uint32_t>(std::ranges::find(outputs, plan_.value) - outputs.begin());
    const ValueId exact = graph[quantize].outputs[0];
    const ValueId source = plan_.absorbed ? graph[plan_.absorbed].inputs[0] : exact;
    log_.set_output(producer, slot, exact, reason_);
    log_.set_output(quantize, 0, plan_.value, reason_);
    log_.set_input(quantize, 0, source, reason_);
    if (plan_.absorbed) log_.drop_node(plan_.absorbed, "the codes of the op before it end where it clamps");
  }

  // Nodes that read the value read what its codes are widened to.
  void read_codes(const Parameters& parameters, const TensorType& type) {
    const bool any = std::ranges::any_of(plan_.readers, [](const Use& use) { return static_cast<bool>(use.node); });
    if (!any) return;
    const NodeId dequantize = put("DequantizeLinear", plan_.value, parameters, "_dequantized", type);
    const ValueId widened = log_.graph()[dequantize].outputs[0];
    for (const Use& use : plan_.readers) {
      if (use.node) log_.set_input(use.node, use.slot, widened, reason_);
    }
  }

  // The widened codes take the value's name, and with it all who read it, the graph's outputs among them.
  void stand_in(NodeId quantize, NodeId dequantize, ValueId widened) {
    const Graph& graph = log_.graph();
    const NodeId producer = graph[plan_.value].producer;
    const auto& outputs = graph[producer].outputs;
    const auto slot = static_cast<uint32_t>(std::ranges::find(outputs, plan_.value) - outputs.begin());
    const ValueId exact = plan_.absorbed ? graph[plan_.absorbed].inputs[0] : widened;
    log_.set_output(producer, slot, widened, reason_);
    log_.set_output(dequantize, 0, plan_.value, reason_);
    log_.set_input(quantize, 0, exact, reason_);
    if (plan_.absorbed) log_.drop_node(plan_.absorbed, "the codes of the op before it end where it clamps");
  }

  const ActivationPlan& plan_;
};

// onnx.md 1.2: the product of the scales in float32, the division in float64.
std::vector<int32_t> bias_codes(const float* bias, const std::vector<float>& scales) {
  std::vector<int32_t> codes;
  for (std::size_t c = 0; c < scales.size(); ++c) {
    const double code = math::round_half_even(static_cast<double>(bias[c]) / static_cast<double>(scales[c]));
    codes.push_back(static_cast<int32_t>(std::clamp(code, double{INT32_MIN}, double{INT32_MAX})));
  }
  return codes;
}

}  // namespace

void rewrite_activation(EditLog& log, const ActivationPlan& plan) { PairWriter(log, plan).write(); }

Status rewrite_bias(EditLog& log, const Model& model, const BiasPlan& plan, const WeightPlan& weight,
                    const NarrowedWeight& narrowed) {
  const Graph& graph = log.graph();
  const Constant& constant = *graph[plan.source].constant;
  std::vector<float> bias = read_floats(model.files, constant);
  if (weight.result_factors.size() == bias.size()) {
    for (std::size_t c = 0; c < bias.size(); ++c) bias[c] *= weight.result_factors[c];
  }
  if (std::ranges::any_of(bias, [](float b) { return b - b != 0; })) {
    return fail(ErrorCode::unsupported, "The bias holds NaN or infinite values, which no integer stands for.",
                graph[plan.source].name);
  }
  const bool per_channel = weight.cut == Cut::per_channel && narrowed.scales.size() == bias.size();
  std::vector<float> scales(bias.size());
  for (std::size_t c = 0; c < scales.size(); ++c) {
    scales[c] = plan.activation_scale * static_cast<float>(narrowed.scales[per_channel ? c : 0]);
  }
  OnnxWriter writer(log, plan.source, plan.use.node,
                    "'" + graph[plan.source].name + "' is stored as int32, with the scales of its op's operands");
  const Shape shape = constant.shape;
  Constant stored = make_constant(DType::i32, shape, bias_codes(bias.data(), scales));
  ValueId codes = plan.source;
  if (plan.is_shared) {
    codes = writer.add_constant("_int32", std::move(stored));
  } else {
    log.set_constant(plan.source, std::move(stored), std::nullopt, "the bias is stored as int32");
  }
  const ValueId scale = per_channel ? writer.add("_scale", DType::f32, {static_cast<int64_t>(scales.size())}, scales)
                                    : writer.add("_scale", DType::f32, {}, std::vector{scales.empty() ? 1 : scales[0]});
  std::vector<Attribute> attributes;
  if (per_channel) attributes.push_back({"axis", static_cast<int64_t>(shape.size()) - 1});
  const ValueId widened = writer.insert(writer.quantization_domain(DType::i32, per_channel), "DequantizeLinear",
                                        {codes, scale}, std::move(attributes), "_dequantized", DType::f32, shape);
  log.set_input(plan.use.node, plan.use.slot, widened, "the bias is stored as int32");
  return {};
}

void drop_unread_constants(EditLog& log, const std::vector<bool>& had_readers) {
  const auto uses = collect_uses(log.graph());
  for (std::size_t i = 0; i < had_readers.size(); ++i) {
    const Value& value = log.graph().values[i];
    if (!had_readers[i] || !uses[i].empty() || !value.constant) continue;
    if (value.producer) {
      log.drop_node(value.producer, "nothing reads it any more");
    } else {
      log.drop_constant(ValueId(i), "nothing reads it any more");
    }
  }
}

}  // namespace narrowcast
