#include "rewrite/tflite_weights.h"

#include <algorithm>

#include "ops/op.h"
#include "rewrite/readers.h"

namespace narrowcast {
namespace {

class TfliteWeightRewriter {
 public:
  TfliteWeightRewriter(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed)
      : log_(log),
        plan_(plan),
        narrowed_(narrowed),
        scope_(log.graph()[plan.source].scope),
        name_(log.graph()[plan.source].name),
        shape_(log.graph()[plan.source].constant->shape) {
    reason_ =
        "'" + name_ + "' is stored as " + std::string(dtype_name(plan.dtype)) + ", " + std::string(cut_name(plan.cut));
  }

  void write() { move_readers(log_, plan_, plan_.cut == Cut::per_block ? write_blocks() : write_channels(), reason_); }

 private:
  ValueId insert(std::string type, std::vector<ValueId> inputs, std::string_view suffix, Shape shape) {
    Node node;
    node.op = {std::string(kTfliteDomain), std::move(type), 1, {}};
    node.inputs = std::move(inputs);
    node.op.version = version_of(node);
    Value output;
    output.name = log_.unique_name(name_ + std::string(suffix));
    output.type = {DType::f32, std::move(shape)};
    std::vector<Value> outputs;
    outputs.push_back(std::move(output));
    const NodeId id = log_.insert_node(scope_, plan_.anchor, std::move(node), std::move(outputs), reason_);
    return log_.graph()[id].outputs[0];
  }

  [[nodiscard]] int version_of(const Node& node) const {
    const ops::OpDef* op = ops::find_op(node.op);
    if (op == nullptr || op->tflite_version == nullptr) return 1;
    std::vector<TensorType> operands;
    std::vector<uint8_t> per_channel;
    for (const ValueId input : node.inputs) {
      const Value& value = log_.graph()[input];
      operands.push_back(value.type);
      per_channel.push_back(value.quant && value.quant->per_channel() ? 1 : 0);
    }
    return op->tflite_version({node.op, operands, per_channel});
  }

  template <typename T>
  ValueId add(std::string_view suffix, DType dtype, Shape shape, const std::vector<T>& elements) {
    return log_.add_constant(scope_, log_.unique_name(name_ + std::string(suffix)),
                             make_constant(dtype, std::move(shape), elements), std::nullopt, reason_);
  }

  void store_codes(Shape shape, std::optional<QuantParams> params) {
    log_.set_constant(plan_.source, {plan_.dtype, std::move(shape), narrowed_.codes}, std::move(params), reason_);
  }

  ValueId write_channels() {
    std::optional<QuantParams> params;
    if (plan_.dtype != DType::f16) {
      params.emplace();
      params->scales.assign(narrowed_.scales.begin(), narrowed_.scales.end());
      params->zero_points.assign(params->scales.size(), 0);
      params->axis = plan_.cut == Cut::per_channel ? plan_.axis : 0;
    }
    store_codes(shape_, std::move(params));
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
  const WeightPlan& plan_;
  const NarrowedWeight& narrowed_;
  ScopeId scope_;
  std::string name_;
  Shape shape_;
  std::string reason_;
};

}  // namespace

Status rewrite_tflite_weight(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed) {
  TfliteWeightRewriter(log, plan, narrowed).write();
  return {};
}

}  // namespace narrowcast
