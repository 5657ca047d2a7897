#include "rewrite/onnx_weights.h"

#include "kernels/pack_int4/pack_int4.h"
#include "plan/capability.h"
#include "rewrite/onnx_writer.h"
#include "rewrite/readers.h"

namespace narrowcast {
namespace {

constexpr int64_t kOnnxFloat = 1;  // TensorProto.FLOAT, Cast's `to`

class OnnxWeightRewriter : OnnxWriter {
 public:
  OnnxWeightRewriter(EditLog& log, const Model& model, const WeightPlan& plan, const NarrowedWeight& narrowed)
      : OnnxWriter(log, plan.source, plan.anchor,
                   "'" + log.graph()[plan.source].name + "' is stored as " + std::string(dtype_name(plan.dtype)) +
                       ", " + std::string(cut_name(plan.cut))),
        plan_(plan),
        narrowed_(narrowed),
        capability_(capability_of(model)),
        shape_(log.graph()[plan.source].constant->shape) {}

  void write() {
    ValueId widened;
    if (plan_.dtype == DType::f16) {
      widened = write_half();
    } else if (plan_.cut != Cut::per_block) {
      widened = write_channels();
    } else if (capability_.blocks == BlockForm::native) {
      widened = write_native_blocks();
    } else {
      widened = write_expanded_blocks();
    }
    move_readers(log_, plan_, widened, reason_);
  }

 private:
  void store_codes(DType dtype, Shape shape) {
    log_.set_constant(plan_.source, {dtype, std::move(shape), narrowed_.codes}, std::nullopt, reason_);
  }

  ValueId write_half() {
    store_codes(DType::f16, shape_);
    return insert("", "Cast", {plan_.source}, {{"to", kOnnxFloat}}, "_float32", DType::f32, shape_);
  }

  ValueId write_channels() {
    const bool per_channel = plan_.cut == Cut::per_channel;
    const Shape scale_shape = per_channel ? Shape{static_cast<int64_t>(narrowed_.scales.size())} : Shape{};
    const std::vector<float> scales(narrowed_.scales.begin(), narrowed_.scales.end());
    store_codes(plan_.dtype, shape_);
    std::vector<ValueId> inputs{plan_.source, add("_scale", DType::f32, scale_shape, scales)};
    if (plan_.says_zero_point || !narrowed_.zero_points.empty()) {
      std::vector<uint8_t> codes(narrowed_.zero_points.begin(), narrowed_.zero_points.end());
      codes.resize(narrowed_.scales.size());
      inputs.push_back(add("_zero_point", plan_.dtype, scale_shape, packed(codes)));
    }
    std::vector<Attribute> attributes;
    if (per_channel) attributes.push_back({"axis", static_cast<int64_t>(plan_.axis)});
    return insert(quantization_domain(plan_.dtype, per_channel), "DequantizeLinear", std::move(inputs),
                  std::move(attributes), "_dequantized", DType::f32, shape_);
  }

  [[nodiscard]] std::vector<uint8_t> packed(const std::vector<uint8_t>& codes) const {
    if (dtype_bits(plan_.dtype) != 4) return codes;
    std::vector<uint8_t> bytes((codes.size() + 1) / 2);
    kernels::pack_int4(codes.data(), codes.size(), bytes.data());
    return bytes;
  }

  // [outer, k, inner] of the blocks, or the weight's own shape when one axis alone is summed.
  ValueId write_native_blocks() {
    const auto& blocks = plan_.blocks;
    const bool one_axis = plan_.reduce_end - plan_.reduce_begin == 1;
    Shape shape = one_axis ? shape_
                           : Shape{static_cast<int64_t>(blocks.outer), static_cast<int64_t>(blocks.k),
                                   static_cast<int64_t>(blocks.inner)};
    const int64_t axis = one_axis ? plan_.reduce_begin : 1;
    Shape scale_shape = shape;
    scale_shape[static_cast<std::size_t>(axis)] = static_cast<int64_t>(blocks.blocks());
    store_codes(plan_.dtype, shape);
    std::vector<ValueId> inputs{plan_.source, add("_scale", DType::f32, scale_shape, narrowed_.block_scales)};
    if (!narrowed_.block_zero_points.empty()) {
      inputs.push_back(add("_zero_point", plan_.dtype, scale_shape, packed(narrowed_.block_zero_points)));
    }
    const ValueId widened = insert("", "DequantizeLinear", std::move(inputs),
                                   {{"axis", axis}, {"block_size", static_cast<int64_t>(blocks.block_size)}},
                                   "_dequantized", DType::f32, shape);
    return one_axis ? widened : reshape(widened);
  }

  ValueId reshape(ValueId value) {
    const ValueId target = add("_shape", DType::i64, {static_cast<int64_t>(shape_.size())}, shape_);
    return insert("", "Reshape", {value, target}, {}, "_reshaped", DType::f32, shape_);
  }

  // Codes [outer, blocks, block_size, inner] widened with scale 1, then scaled block by block:
  // (q - zero_point) * scale, the zero points being codes themselves.
  ValueId write_expanded_blocks() {
    const auto& blocks = plan_.blocks;
    const auto outer = static_cast<int64_t>(blocks.outer);
    const auto count = static_cast<int64_t>(blocks.blocks());
    const auto inner = static_cast<int64_t>(blocks.inner);
    const Shape code_shape{outer, count, static_cast<int64_t>(blocks.block_size), inner};
    const Shape scale_shape{outer, count, 1, inner};
    const std::string microsoft(kMicrosoftDomain);
    use_microsoft();
    store_codes(plan_.dtype, code_shape);
    const ValueId one = add("_one", DType::f32, {}, std::vector<float>{1.0F});
    ValueId value = insert(microsoft, "DequantizeLinear", {plan_.source, one}, {}, "_codes", DType::f32, code_shape);
    if (!narrowed_.block_zero_points.empty()) {
      const ValueId zero_points = add("_zero_point", plan_.dtype, scale_shape, packed(narrowed_.block_zero_points));
      const ValueId zeros =
          insert(microsoft, "DequantizeLinear", {zero_points, one}, {}, "_zeros", DType::f32, scale_shape);
      value = insert("", "Sub", {value, zeros}, {}, "_centred", DType::f32, code_shape);
    }
    const ValueId scale = add("_scale", DType::f32, scale_shape, narrowed_.block_scales);
    value = insert("", "Mul", {value, scale}, {}, "_scaled", DType::f32, code_shape);
    return reshape(value);
  }

  const WeightPlan& plan_;
  const NarrowedWeight& narrowed_;
  Capability capability_;
  Shape shape_;
};

}  // namespace

Status rewrite_onnx_weight(EditLog& log, const Model& model, const WeightPlan& plan, const NarrowedWeight& narrowed) {
  OnnxWeightRewriter(log, model, plan, narrowed).write();
  return {};
}

}  // namespace narrowcast
