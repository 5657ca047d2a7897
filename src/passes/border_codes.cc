#include "passes/border_codes.h"

#include "passes/float_constant.h"

namespace narrowcast {
namespace {

std::optional<int32_t> code_constant(const Files& files, const Value& value) {
  if (!value.constant || element_count(value.constant->shape) != 1) return std::nullopt;
  const ByteView bytes = payload_view(files, value.constant->payload);
  if (bytes.size() < packed_bytes(1, value.constant->dtype)) return std::nullopt;
  switch (value.constant->dtype) {
    case DType::u8:
      return load_le<uint8_t>(bytes.data());
    case DType::i8:
      return load_le<int8_t>(bytes.data());
    case DType::u16:
      return load_le<uint16_t>(bytes.data());
    case DType::i16:
      return load_le<int16_t>(bytes.data());
    default:
      return std::nullopt;
  }
}

std::optional<BorderCodes> codes_of(const Files& files, const Graph& graph, const Node& node) {
  if (node.inputs.size() < 2 || !node.inputs[1]) return std::nullopt;
  const auto scales = float_constant(files, graph[node.inputs[1]]);
  if (!scales || scales->size() != 1) return std::nullopt;
  if (node.inputs.size() < 3 || !node.inputs[2]) return BorderCodes{(*scales)[0], 0};
  const auto zero_point = code_constant(files, graph[node.inputs[2]]);
  return zero_point ? std::optional(BorderCodes{(*scales)[0], *zero_point}) : std::nullopt;
}

}  // namespace

std::optional<BorderCodes> border_codes(const Files& files, const Graph& graph, ValueId value) {
  const Value& border = graph[value];
  if (border.quant && border.quant->scales.size() == 1) {
    const auto& zero_points = border.quant->zero_points;
    return BorderCodes{border.quant->scales[0], zero_points.empty() ? 0 : static_cast<int32_t>(zero_points[0])};
  }
  if (border.producer) {
    const Node& maker = graph[border.producer];
    return maker.op.type == "QuantizeLinear" ? codes_of(files, graph, maker) : std::nullopt;
  }
  for (const NodeId id : graph[border.scope].nodes) {
    const Node& node = graph[id];
    if (node.op.type == "DequantizeLinear" && node.inputs[0] == value) return codes_of(files, graph, node);
  }
  return std::nullopt;
}

}  // namespace narrowcast
