#include "rewrite/dynamic.h"

#include <algorithm>

#include "rewrite/onnx_writer.h"

namespace narrowcast {
namespace {

constexpr int64_t kOnnxFloat = 1;  // TensorProto.FLOAT, Cast's `to`

NodeId first_reader(const Graph& graph, ScopeId scope, ValueId value) {
  const auto& nodes = graph[scope].nodes;
  const auto reads = [&](NodeId id) { return std::ranges::find(graph[id].inputs, value) != graph[id].inputs.end(); };
  const auto first = std::ranges::find_if(nodes, reads);
  return first == nodes.end() ? NodeId() : *first;
}

// Codes, scale and zero point of an activation: one node for all products that read it in this scope.
NodeId quantize_as_it_comes(EditLog& log, ScopeId scope, ValueId x, const std::string& reason) {
  constexpr std::string_view kType = "DynamicQuantizeLinear";
  const Graph& graph = log.graph();
  for (const NodeId id : graph[scope].nodes) {
    if (graph[id].op.type == kType && graph[id].inputs[0] == x) return id;
  }
  const std::string name = graph[x].name;
  Node node;
  node.name = log.unique_name(name + "_" + std::string(kType));
  node.op = {"", std::string(kType), static_cast<int>(graph.opset("")), {}};
  node.inputs = {x};
  std::vector<Value> outputs(3);
  outputs[0].name = log.unique_name(name + "_quantized");
  outputs[0].type = {DType::u8, graph[x].type.shape};
  outputs[1].name = log.unique_name(name + "_scale");
  outputs[1].type = {DType::f32, Shape{}};
  outputs[2].name = log.unique_name(name + "_zero_point");
  outputs[2].type = {DType::u8, Shape{}};
  return log.insert_node(scope, first_reader(graph, scope, x), std::move(node), std::move(outputs), reason);
}

// The last of the new nodes makes what the old one made.
void take_over(EditLog& log, NodeId old, ValueId made, const std::string& reason) {
  const ValueId result = log.graph()[old].outputs[0];
  const NodeId last = log.graph()[made].producer;
  log.drop_node(old, reason);
  log.set_output(last, 0, result, reason);
}

struct StoredWeight {
  ValueId codes;
  ValueId scale;
  ValueId zero_point;  // none: all 0
};

// A bias as what is added to [batch, channels, ...]: with a size of 1 for every axis behind its own.
ValueId stretched_bias(EditLog& log, OnnxWriter& writer, ValueId bias, std::size_t axes_behind) {
  if (axes_behind == 0) return bias;
  Constant constant = *log.graph()[bias].constant;
  constant.shape.resize(1 + axes_behind, 1);
  return writer.add_constant("_bias", std::move(constant));
}

void write_product(EditLog& log, const Use& reader, const StoredWeight& weight, const std::string& reason) {
  const Graph& graph = log.graph();
  const Node node = graph[reader.node];
  const bool is_convolution = node.op.type == "Conv";
  const std::size_t axes_behind = is_convolution ? graph[weight.codes].constant->shape.size() - 2 : 0;
  const NodeId quantize = quantize_as_it_comes(log, node.scope, node.inputs[0], reason);
  const std::vector<ValueId> x = graph[quantize].outputs;
  const auto shape = graph[node.outputs[0]].type.shape;
  OnnxWriter writer(log, node.outputs[0], reader.node, reason);
  std::vector<ValueId> operands{x[0], weight.codes, x[2]};
  if (weight.zero_point) operands.push_back(weight.zero_point);
  const auto insert = [&](std::string type, std::vector<ValueId> inputs, std::vector<Attribute> attributes,
                          std::string_view suffix, TensorType made) {
    const NodeId id =
        writer.insert_node("", std::move(type), std::move(inputs), std::move(attributes), suffix, std::move(made));
    return graph[id].outputs[0];
  };
  const ValueId sums =
      is_convolution ? insert("ConvInteger", std::move(operands), node.op.attributes, "_int32", {DType::i32, shape})
                     : insert("MatMulInteger", std::move(operands), {}, "_int32", {DType::i32, shape});
  const ValueId floats = insert("Cast", {sums}, {{"to", kOnnxFloat}}, "_sums", {DType::f32, shape});
  const ValueId scales = insert("Mul", {x[1], weight.scale}, {}, "_scales", graph[weight.scale].type);
  ValueId made = insert("Mul", {floats, scales}, {}, "_product", {DType::f32, shape});
  if (node.inputs.size() > 2 && node.inputs[2]) {
    const ValueId bias = stretched_bias(log, writer, node.inputs[2], axes_behind);
    made = insert("Add", {made, bias}, {}, "_biased", {DType::f32, shape});
  }
  take_over(log, reader.node, made, reason);
}

StoredWeight store(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed, const Shape& scale_shape,
                   const std::string& reason) {
  Shape shape = log.graph()[plan.source].constant->shape;
  if (plan.is_transposed) std::swap(shape[shape.size() - 2], shape[shape.size() - 1]);
  log.set_constant(plan.source, {plan.dtype, std::move(shape), narrowed.codes}, std::nullopt, reason);
  OnnxWriter writer(log, plan.source, plan.anchor, reason);
  const std::vector<float> scales(narrowed.scales.begin(), narrowed.scales.end());
  StoredWeight stored{.codes = plan.source, .scale = writer.add("_scale", DType::f32, scale_shape, scales)};
  if (!narrowed.zero_points.empty()) {
    const std::vector<uint8_t> codes(narrowed.zero_points.begin(), narrowed.zero_points.end());
    stored.zero_point = writer.add("_zero_point", plan.dtype, scale_shape, codes);
  }
  return stored;
}

// The op that stands in the LSTM's place: itself once it was put there for the other weight.
NodeId dynamic_lstm(EditLog& log, NodeId lstm, const std::string& reason) {
  constexpr std::size_t kOperands = 12;
  const Graph& graph = log.graph();
  const Node old = graph[lstm];
  const auto first = std::ranges::find_if(old.outputs, [](ValueId output) { return static_cast<bool>(output); });
  if (old.dropped) return graph[*first].producer;
  OnnxWriter writer(log, *first, lstm, reason);
  writer.use_microsoft();
  Node node;
  node.name = log.unique_name(old.name.empty() ? graph[*first].name + "_quantized" : old.name + "_quantized");
  node.op = {std::string(kMicrosoftDomain), "DynamicQuantizeLSTM", 1, old.op.attributes};
  node.inputs = old.inputs;
  node.inputs.resize(kOperands);
  std::vector<Value> outputs(old.outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    outputs[i].name = log.unique_name(node.name + "_" + std::to_string(i));
    if (old.outputs[i]) outputs[i].type = graph[old.outputs[i]].type;
  }
  const NodeId made = log.insert_node(old.scope, lstm, std::move(node), std::move(outputs), reason);
  log.drop_node(lstm, reason);
  for (std::size_t i = 0; i < old.outputs.size(); ++i) {
    if (old.outputs[i]) log.set_output(made, static_cast<uint32_t>(i), old.outputs[i], reason);
  }
  return made;
}

}  // namespace

Status rewrite_dynamic_lstm(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed) {
  constexpr uint32_t kFirstScale = 8;
  const Graph& graph = log.graph();
  const std::string reason = "'" + graph[plan.source].name + "' is multiplied as " +
                             std::string(dtype_name(plan.dtype)) + ", the other operand is quantized as it comes";
  const auto directions = static_cast<std::size_t>(graph[plan.source].constant->shape[0]);
  const auto rows = narrowed.scales.size();
  // One scale a row of a gate is shared by both directions here, stated for each there.
  std::vector<float> scales;
  for (std::size_t d = 0; d < directions; ++d)
    scales.insert(scales.end(), narrowed.scales.begin(), narrowed.scales.end());
  Shape scale_shape{static_cast<int64_t>(directions)};
  if (plan.cut == Cut::per_channel) scale_shape.push_back(static_cast<int64_t>(rows));
  Shape shape = graph[plan.source].constant->shape;
  std::swap(shape[1], shape[2]);
  log.set_constant(plan.source, {plan.dtype, std::move(shape), narrowed.codes}, std::nullopt, reason);
  OnnxWriter writer(log, plan.source, plan.anchor, reason);
  const std::vector<uint8_t> zeros(scales.size(), 0);
  const ValueId scale = writer.add("_scale", DType::f32, scale_shape, scales);
  const ValueId zero_point = writer.add("_zero_point", plan.dtype, scale_shape, zeros);
  const Use& use = plan.readers.front();
  const NodeId lstm = dynamic_lstm(log, use.node, reason);
  const uint32_t at = kFirstScale + 2 * (use.slot - 1);
  log.set_input(lstm, at, scale, reason);
  log.set_input(lstm, at + 1, zero_point, reason);
  return {};
}

Status rewrite_dynamic_product(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed) {
  const std::string reason = "'" + log.graph()[plan.source].name + "' is multiplied as " +
                             std::string(dtype_name(plan.dtype)) + ", the other operand is quantized as it comes";
  Shape scale_shape;
  if (plan.cut == Cut::per_channel) scale_shape.push_back(static_cast<int64_t>(narrowed.scales.size()));
  if (plan.cut == Cut::per_channel && plan.form == WeightForm::convolution) {
    scale_shape.resize(log.graph()[plan.source].constant->shape.size() - 1, 1);
  }
  const StoredWeight weight = store(log, plan, narrowed, scale_shape, reason);
  for (const Use& reader : plan.readers) write_product(log, reader, weight, reason);
  return {};
}

Status rewrite_embedding(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed) {
  const Graph& graph = log.graph();
  const std::string reason = "'" + graph[plan.source].name + "' is stored as int8, widened row by row";
  const StoredWeight weight = store(log, plan, narrowed, {static_cast<int64_t>(narrowed.scales.size()), 1}, reason);
  for (const Use& reader : plan.readers) {
    const Node node = graph[reader.node];
    const auto shape = graph[node.outputs[0]].type.shape;
    OnnxWriter writer(log, node.outputs[0], reader.node, reason);
    const NodeId codes =
        writer.insert_node("", "Gather", {weight.codes, node.inputs[1]}, {}, "_codes", {DType::i8, shape});
    const NodeId floats =
        writer.insert_node("", "Cast", {graph[codes].outputs[0]}, {{"to", kOnnxFloat}}, "_floats", {DType::f32, shape});
    const NodeId scales =
        writer.insert_node("", "Gather", {weight.scale, node.inputs[1]}, {}, "_scales", {DType::f32, std::nullopt});
    const NodeId made = writer.insert_node("", "Mul", {graph[floats].outputs[0], graph[scales].outputs[0]}, {},
                                           "_widened", {DType::f32, shape});
    take_over(log, reader.node, graph[made].outputs[0], reason);
  }
  return {};
}

}  // namespace narrowcast
