#include "formats/onnx/attribute.h"

#include "formats/onnx/tensor.h"
#include "onnx.pb.h"

namespace narrowcast::onnx {
namespace {

// AttributeProto.AttributeType.
enum : int32_t { kFloat = 1, kInt = 2, kString = 3, kFloats = 6, kInts = 7, kStrings = 8 };

// What an attribute's type says when the field is left out, as IR versions before 2 allowed.
int32_t type_of(const onnx_pb::Attribute& proto) {
  if (proto.type() != 0) return proto.type();
  if (proto.ints_size() > 0) return kInts;
  if (proto.floats_size() > 0) return kFloats;
  if (proto.strings_size() > 0) return kStrings;
  if (!proto.s().empty()) return kString;
  if (proto.f() != 0.0F) return kFloat;
  return proto.i() != 0 ? kInt : 0;
}

AttributeValue value_of(const onnx_pb::Attribute& proto) {
  switch (type_of(proto)) {
    case kFloat:
      return proto.f();
    case kInt:
      return static_cast<int64_t>(proto.i());
    case kString:
      return proto.s();
    case kFloats:
      return std::vector<float>(proto.floats().begin(), proto.floats().end());
    case kInts:
      return std::vector<int64_t>(proto.ints().begin(), proto.ints().end());
    case kStrings:
      return std::vector<std::string>(proto.strings().begin(), proto.strings().end());
    default:
      return std::monostate();
  }
}

bool is_walked(uint32_t field_number) {
  return field_number == attribute_field::tensor || field_number == attribute_field::graph ||
         field_number == attribute_field::tensors || field_number == attribute_field::graphs ||
         field_number == attribute_field::sparse_tensor || field_number == attribute_field::sparse_tensors;
}

struct Setter {
  onnx_pb::Attribute& proto;

  void operator()(std::monostate) const {}
  void operator()(const Constant&) const {}
  void operator()(const std::vector<ScopeId>&) const {}
  void operator()(int64_t value) const { proto.set_type(kInt), proto.set_i(value); }
  void operator()(float value) const { proto.set_type(kFloat), proto.set_f(value); }
  void operator()(const std::string& value) const { proto.set_type(kString), proto.set_s(value); }
  void operator()(const std::vector<int64_t>& values) const {
    proto.set_type(kInts);
    proto.mutable_ints()->Add(values.begin(), values.end());
  }
  void operator()(const std::vector<float>& values) const {
    proto.set_type(kFloats);
    proto.mutable_floats()->Add(values.begin(), values.end());
  }
  void operator()(const std::vector<std::string>& values) const {
    proto.set_type(kStrings);
    for (const std::string& value : values) proto.add_strings(value);
  }
};

}  // namespace

Result<Attribute> read_attribute(const Files& files, Span body,
                                 const std::function<Result<ScopeId>(Span graph)>& read_graph) {
  const ByteView file = files[0].bytes;
  Attribute attribute;
  std::vector<Field> walked;
  FieldReader reader(file, body);
  while (!reader.done()) {
    NC_TRY(const Field field, reader.next());
    if (field.number == attribute_field::name) attribute.name = text_of(file, field.body);
    if (is_walked(field.number)) walked.push_back(field);
  }
  if (walked.empty()) {
    onnx_pb::Attribute proto;
    const ByteView bytes = slice(file, body);
    if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return fail(ErrorCode::malformed, "An attribute cannot be read.", attribute.name);
    }
    attribute.reference = proto.ref_attr_name();
    if (attribute.reference.empty()) attribute.value = value_of(proto);
    return attribute;
  }
  std::vector<ScopeId> graphs;
  for (const Field& field : walked) {
    if (field.number == attribute_field::tensor) {
      NC_TRY(TensorRecord tensor, read_tensor(files, field.body));
      if (!tensor.opaque) attribute.value = std::move(tensor.constant);
    } else if (field.number == attribute_field::graph || field.number == attribute_field::graphs) {
      NC_TRY(const ScopeId scope, read_graph(field.body));
      graphs.push_back(scope);
    }
  }
  if (!graphs.empty()) attribute.value = std::move(graphs);
  return attribute;
}

void append_attribute(Rope& node, const Attribute& attribute) {
  onnx_pb::Attribute proto;
  proto.set_name(attribute.name);
  std::visit(Setter{proto}, attribute.value);
  append_bytes_field(node, node_field::attribute, proto.SerializeAsString());
}

}  // namespace narrowcast::onnx
