#include "rewrite/onnx_writer.h"

namespace narrowcast {

NodeId OnnxWriter::insert_node(std::string domain, std::string type, std::vector<ValueId> inputs,
                               std::vector<Attribute> attributes, std::string_view suffix, TensorType result) {
  Node node;
  node.name = log_.unique_name(name_ + "_" + type);
  node.op = {std::move(domain), std::move(type), static_cast<int>(opset_), std::move(attributes)};
  node.inputs = std::move(inputs);
  std::vector<Value> outputs(1);
  outputs[0].name = log_.unique_name(name_ + std::string(suffix));
  outputs[0].type = std::move(result);
  return log_.insert_node(scope_, anchor_, std::move(node), std::move(outputs), reason_);
}

ValueId OnnxWriter::add_code(std::string_view suffix, DType dtype, int32_t code) {
  switch (dtype) {
    case DType::i8:
      return add(suffix, dtype, {}, std::vector{static_cast<int8_t>(code)});
    case DType::u16:
      return add(suffix, dtype, {}, std::vector{static_cast<uint16_t>(code)});
    case DType::i16:
      return add(suffix, dtype, {}, std::vector{static_cast<int16_t>(code)});
    case DType::i32:
      return add(suffix, dtype, {}, std::vector{code});
    default:
      return add(suffix, dtype, {}, std::vector{static_cast<uint8_t>(code)});
  }
}

std::string OnnxWriter::quantization_domain(DType codes, bool needs_axis) {
  constexpr int64_t kFirstPerTensor = 10;
  constexpr int64_t kFirstWithAxis = 13;
  constexpr int64_t kFirstWithOtherWidths = 21;  // 4 and 16 bits
  const bool is_usual = dtype_bits(codes) == 8 || codes == DType::i32;
  const int64_t needed = !is_usual ? kFirstWithOtherWidths : needs_axis ? kFirstWithAxis : kFirstPerTensor;
  if (opset_ >= needed) return "";
  use_microsoft();
  return std::string(kMicrosoftDomain);
}

void OnnxWriter::use_microsoft() {
  if (log_.graph().opset(kMicrosoftDomain) == 0) {
    log_.set_opset(std::string(kMicrosoftDomain), 1, "for DequantizeLinear, which this opset lacks");
  }
}

}  // namespace narrowcast
