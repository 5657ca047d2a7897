#include "formats/onnx/value_info.h"

#include "onnx.pb.h"

namespace narrowcast::onnx {
namespace {

constexpr uint32_t kValueInfoName = 1;

Result<std::string_view> text_field(ByteView file, Span body, uint32_t number) {
  std::string_view text;
  FieldReader reader(file, body);
  while (!reader.done()) {
    NC_TRY(const Field field, reader.next());
    if (field.number == number && field.type == WireType::bytes) text = text_of(file, field.body);
  }
  return text;
}

}  // namespace

Result<std::string_view> name_in_tensor(ByteView file, Span body) { return text_field(file, body, tensor_field::name); }

Result<ValueInfo> read_value_info(ByteView file, Span body) {
  ValueInfo info;
  NC_TRY(info.name, text_field(file, body, kValueInfoName));
  onnx_pb::ValueInfo proto;
  const ByteView bytes = slice(file, body);
  if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return fail(ErrorCode::malformed, "The type of a value cannot be read.", std::string(info.name));
  }
  if (!proto.has_type()) return info;
  if (!proto.type().has_tensor_type()) {
    info.type.dtype = DType::other;
    return info;
  }
  const auto& tensor = proto.type().tensor_type();
  info.type.dtype = dtype_of_onnx(tensor.elem_type());
  if (!tensor.has_shape()) return info;
  Shape shape;
  bool has_names = false;
  for (const auto& dim : tensor.shape().dim()) {
    const bool known = dim.value_case() == onnx_pb::TensorShape::Dimension::kDimValue && dim.dim_value() >= 0;
    shape.push_back(known ? dim.dim_value() : kUnknownDim);
    info.dim_names.push_back(dim.dim_param());
    has_names = has_names || !dim.dim_param().empty();
  }
  if (!has_names) info.dim_names.clear();
  info.type.shape = std::move(shape);
  return info;
}

void append_value_info(Rope& graph, uint32_t field_number, const Value& value) {
  onnx_pb::ValueInfo proto;
  proto.set_name(value.name);
  auto* tensor = proto.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(onnx_of_dtype(value.type.dtype));
  if (value.type.shape) {
    auto* shape = tensor->mutable_shape();
    for (std::size_t i = 0; i < value.type.shape->size(); ++i) {
      auto* dim = shape->add_dim();
      if ((*value.type.shape)[i] >= 0) {
        dim->set_dim_value((*value.type.shape)[i]);
      } else if (i < value.dim_names.size() && !value.dim_names[i].empty()) {
        dim->set_dim_param(value.dim_names[i]);
      }
    }
  }
  append_bytes_field(graph, field_number, proto.SerializeAsString());
}

}  // namespace narrowcast::onnx
