#include <algorithm>

#include "formats/onnx/attribute.h"
#include "formats/onnx/value_info.h"
#include "onnx.pb.h"

namespace narrowcast::onnx {
namespace {

// Payloads below this stay in the model even when the original stood in another file: a reference costs as much.
constexpr uint64_t kMinExternalBytes = 1024;
// Data files are mapped by page; small payloads need only their own alignment.
constexpr uint64_t kPageBytes = 4096;
constexpr uint64_t kMinPageAlignedBytes = 65536;
constexpr uint64_t kSmallAlignment = 64;
// IR versions before 4 want every initializer listed among the graph's inputs.
constexpr int64_t kFirstIrWithFreeInitializers = 4;
constexpr int32_t kExternal = 1;

class Writer {
 public:
  Writer(const Model& model, const EditLog& log, std::string_view data_name)
      : files_(model.files),
        graph_(model.graph),
        records_(static_cast<const OnnxRecords&>(*model.records)),
        index_(log),
        data_name_(data_name) {
    for (std::size_t i = 0; i < graph_.values.size(); ++i) {
      const auto& edits = index_.values[i];
      const Home home = i < records_.homes.size() ? records_.homes[i] : Home::none;
      if (edits.constant_added || (edits.constant_set && home == Home::constant_node)) {
        new_constants_[graph_.values[i].scope.index].push_back(ValueId(i));
      }
    }
  }

  Result<std::vector<OutputFile>> write();

 private:
  Rope graph_body(ScopeId scope);
  [[nodiscard]] bool input_gone(const Kid& kid) const;
  void append_kid(Rope& to, ScopeId scope, const Kid& kid);
  void append_node_kid(Rope& to, ScopeId scope, const Kid& kid);
  Rope edited_node(NodeId id);
  Rope edited_attribute(Span body, std::span<const ScopeId>& bodies);
  [[nodiscard]] Rope inserted_node(NodeId id) const;
  void append_inserted_until(Rope& to, ScopeId scope, NodeId stop);
  void append_initializer(Rope& to, ValueId id);
  Rope tensor_body(ValueId id);
  [[nodiscard]] bool body_changed(const Node& node) const;
  [[nodiscard]] bool constant_node_replaced(NodeId id) const;
  void append_ir_version(Rope& to) const;
  void append_opset(Rope& to, const Kid& kid) const;
  void append_metadata(Rope& to, const Kid& kid) const;
  void append_new_model_fields(Rope& to) const;

  const Files& files_;
  const Graph& graph_;
  const OnnxRecords& records_;
  EditIndex index_;
  std::string data_name_;
  Rope data_;
  std::vector<std::vector<ValueId>> new_constants_ = std::vector<std::vector<ValueId>>(graph_.scopes.size());
  std::vector<std::size_t> next_in_order_ = std::vector<std::size_t>(graph_.scopes.size(), 0);
};

bool Writer::body_changed(const Node& node) const {
  return std::ranges::any_of(node.bodies, [&](ScopeId body) { return index_.scopes[body.index].changed; });
}

// A Constant node whose value became an initializer of the same name.
bool Writer::constant_node_replaced(NodeId id) const {
  const auto& outputs = graph_[id].outputs;
  if (outputs.size() != 1 || !outputs[0] || outputs[0].index >= records_.homes.size()) return false;
  const auto& edits = index_.values[outputs[0].index];
  return records_.homes[outputs[0].index] == Home::constant_node && (edits.constant_set || edits.constant_dropped);
}

Rope Writer::inserted_node(NodeId id) const {
  const Node& node = graph_[id];
  Rope body;
  for (const ValueId input : node.inputs) append_bytes_field(body, node_field::input, input ? graph_[input].name : "");
  for (const ValueId output : node.outputs) append_bytes_field(body, node_field::output, graph_[output].name);
  if (!node.name.empty()) append_bytes_field(body, node_field::name, node.name);
  append_bytes_field(body, node_field::op_type, node.op.type);
  for (const Attribute& attribute : node.op.attributes) append_attribute(body, attribute);
  if (!node.op.domain.empty()) append_bytes_field(body, node_field::domain, node.op.domain);
  return body;
}

void Writer::append_inserted_until(Rope& to, ScopeId scope, NodeId stop) {
  const auto& order = graph_[scope].nodes;
  std::size_t& next = next_in_order_[scope.index];
  while (next < order.size() && order[next] != stop && index_.nodes[order[next].index].inserted) {
    append_message(to, graph_field::node, inserted_node(order[next++]));
  }
}

Rope Writer::edited_attribute(Span body, std::span<const ScopeId>& bodies) {
  Rope out;
  FieldReader reader(files_[0].bytes, body);
  while (!reader.done()) {
    const Field field = *reader.next();
    if (field.number != attribute_field::graph && field.number != attribute_field::graphs) {
      out.append(field.whole);
      continue;
    }
    const ScopeId scope = bodies.front();
    bodies = bodies.subspan(1);
    if (index_.scopes[scope.index].changed) {
      append_message(out, field.number, graph_body(scope));
    } else {
      out.append(field.whole);
    }
  }
  return out;
}

std::string_view attribute_name(ByteView file, Span body) {
  std::string_view name;
  FieldReader reader(file, body);
  while (!reader.done()) {
    const Field field = *reader.next();
    if (field.number == attribute_field::name) name = text_of(file, field.body);
  }
  return name;
}

Rope Writer::edited_node(NodeId id) {
  const Node& node = graph_[id];
  const auto& edits = index_.nodes[id.index];
  const bool changed_body = body_changed(node);
  std::span<const ScopeId> bodies = node.bodies;
  std::vector<std::string_view> written;
  uint32_t input = 0;
  uint32_t output = 0;
  Rope out;
  FieldReader reader(files_[0].bytes, records_.nodes[id.index]);
  while (!reader.done()) {
    const Field field = *reader.next();  // checked when it was read
    if (field.number == node_field::input && std::ranges::binary_search(edits.inputs, input++)) {
      const ValueId value = node.inputs[input - 1];
      append_bytes_field(out, field.number, value ? graph_[value].name : "");
    } else if (field.number == node_field::output && std::ranges::binary_search(edits.outputs, output++)) {
      append_bytes_field(out, field.number, graph_[node.outputs[output - 1]].name);
    } else if (field.number == node_field::op_type && edits.op_set) {
      append_bytes_field(out, field.number, node.op.type);
    } else if (field.number == node_field::attribute) {
      const std::string_view name = attribute_name(files_[0].bytes, field.body);
      if (std::ranges::find(edits.attributes, name) != edits.attributes.end()) {
        const auto it = std::ranges::find(node.op.attributes, name, &Attribute::name);
        if (it != node.op.attributes.end()) append_attribute(out, *it);
        written.push_back(name);
      } else if (changed_body) {
        append_message(out, field.number, edited_attribute(field.body, bodies));
      } else {
        out.append(field.whole);
      }
    } else {
      out.append(field.whole);
    }
  }
  // Operands beyond those that the file gave: a list goes on wherever its next field stands.
  for (; input < node.inputs.size(); ++input) {
    const ValueId value = node.inputs[input];
    append_bytes_field(out, node_field::input, value ? graph_[value].name : "");
  }
  for (const std::string& name : edits.attributes) {
    const auto it = std::ranges::find(node.op.attributes, name, &Attribute::name);
    const bool is_new = std::ranges::find(written, name) == written.end();
    if (is_new && it != node.op.attributes.end()) append_attribute(out, *it);
  }
  return out;
}

void Writer::append_node_kid(Rope& to, ScopeId scope, const Kid& kid) {
  const NodeId id(kid.id);
  if (index_.nodes[id.index].dropped) return;
  append_inserted_until(to, scope, id);
  ++next_in_order_[scope.index];
  if (constant_node_replaced(id)) return;
  if (index_.nodes[id.index].touched() || body_changed(graph_[id])) {
    append_message(to, graph_field::node, edited_node(id));
  } else {
    to.append(kid.whole);
  }
}

Rope Writer::tensor_body(ValueId id) {
  const Value& value = graph_[id];
  const Constant& constant = *value.constant;
  const uint64_t length = payload_length(constant.payload);
  const bool external =
      id.index < records_.external.size() && records_.external[id.index] && length >= kMinExternalBytes;
  onnx_pb::TensorHeader header;
  for (const int64_t size : constant.shape) header.add_dims(size);
  header.set_data_type(onnx_of_dtype(constant.dtype));
  header.set_name(value.name);
  if (external) {
    const uint64_t alignment = length >= kMinPageAlignedBytes ? kPageBytes : kSmallAlignment;
    data_.append_zeros((alignment - data_.size() % alignment) % alignment);
    const auto add = [&](const char* key, const std::string& text) {
      auto* entry = header.add_external_data();
      entry->set_key(key);
      entry->set_value(text);
    };
    add("location", data_name_);
    add("offset", std::to_string(data_.size()));
    add("length", std::to_string(length));
    header.set_data_location(kExternal);
    data_.append(constant.payload);
  }
  const std::string head = header.SerializeAsString();
  Rope body;
  body.append(ByteView(reinterpret_cast<const uint8_t*>(head.data()), head.size()));
  if (!external) {
    Rope payload;
    payload.append(constant.payload);
    append_message(body, tensor_field::raw_data, std::move(payload));
  }
  return body;
}

void Writer::append_initializer(Rope& to, ValueId id) { append_message(to, graph_field::initializer, tensor_body(id)); }

void Writer::append_kid(Rope& to, ScopeId scope, const Kid& kid) {
  if (kid.id == ValueId::kNoneIndex) {
    to.append(kid.whole);
    return;
  }
  if (kid.field == graph_field::node) {
    append_node_kid(to, scope, kid);
    return;
  }
  const ValueId id(kid.id);
  const auto& edits = index_.values[id.index];
  if (kid.field == graph_field::initializer) {
    if (edits.constant_set) {
      append_initializer(to, id);
    } else if (!edits.constant_dropped) {
      to.append(kid.whole);
    }
    return;
  }
  const bool retyped = edits.constant_set || edits.type_set;
  if (edits.constant_dropped || (kid.field == graph_field::value_info && edits.constant_set)) return;
  if (!retyped) {
    to.append(kid.whole);
  } else {
    append_value_info(to, kid.field, graph_[id]);
  }
}

// The graph does not count it any more: slots of its inputs are those without it.
bool Writer::input_gone(const Kid& kid) const {
  if (kid.id == ValueId::kNoneIndex) return false;
  const auto& edits = index_.values[kid.id];
  return edits.constant_dropped || edits.input_dropped;
}

Rope Writer::graph_body(ScopeId scope) {
  const auto& edits = index_.scopes[scope.index];
  Rope out;
  uint32_t input = 0;
  uint32_t output = 0;
  for (const Kid& kid : records_.graphs[scope.index].kids) {
    if (kid.field == graph_field::input && input_gone(kid)) continue;
    const bool input_set = kid.field == graph_field::input && std::ranges::binary_search(edits.inputs, input++);
    const bool output_set = kid.field == graph_field::output && std::ranges::binary_search(edits.outputs, output++);
    if (input_set) {
      append_value_info(out, kid.field, graph_[graph_[scope].inputs[input - 1]]);
    } else if (output_set) {
      append_value_info(out, kid.field, graph_[graph_[scope].outputs[output - 1]]);
    } else {
      append_kid(out, scope, kid);
    }
  }
  append_inserted_until(out, scope, NodeId());
  for (const ValueId id : new_constants_[scope.index]) {
    if (!graph_[id].constant) continue;
    append_initializer(out, id);
    if (graph_.ir_version < kFirstIrWithFreeInitializers) append_value_info(out, graph_field::input, graph_[id]);
  }
  return out;
}

void Writer::append_ir_version(Rope& to) const {
  Bytes field;
  append_tag(field, model_field::ir_version, WireType::varint);
  append_varint(field, static_cast<uint64_t>(graph_.ir_version));
  to.append(std::move(field));
}

void Writer::append_opset(Rope& to, const Kid& kid) const {
  onnx_pb::OperatorSetId proto;
  const ByteView bytes = slice(files_[0].bytes, kid.body);
  proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  const std::string domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
  if (std::ranges::find(index_.opset_domains, domain) == index_.opset_domains.end()) {
    to.append(kid.whole);
    return;
  }
  proto.set_version(graph_.opset(domain));
  append_bytes_field(to, kid.field, proto.SerializeAsString());
}

void Writer::append_metadata(Rope& to, const Kid& kid) const {
  onnx_pb::StringStringEntry proto;
  const ByteView bytes = slice(files_[0].bytes, kid.body);
  proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  if (std::ranges::find(index_.metadata_keys, proto.key()) == index_.metadata_keys.end()) {
    to.append(kid.whole);
    return;
  }
  proto.set_value(std::ranges::find(graph_.metadata, proto.key(), &Metadata::key)->value);
  append_bytes_field(to, kid.field, proto.SerializeAsString());
}

void Writer::append_new_model_fields(Rope& to) const {
  const auto in_file = [&](uint32_t field_number, uint32_t key_field, std::string_view key) {
    return std::ranges::any_of(records_.model, [&](const Kid& kid) {
      if (kid.field != field_number) return false;
      std::string_view found;
      FieldReader reader(files_[0].bytes, kid.body);
      while (!reader.done()) {
        const Field field = *reader.next();
        if (field.number == key_field) found = text_of(files_[0].bytes, field.body);
      }
      return found == key || (field_number == model_field::opset_import && key.empty() && found == "ai.onnx");
    });
  };
  for (const std::string& domain : index_.opset_domains) {
    if (in_file(model_field::opset_import, 1, domain)) continue;
    onnx_pb::OperatorSetId proto;
    proto.set_domain(domain);
    proto.set_version(graph_.opset(domain));
    append_bytes_field(to, model_field::opset_import, proto.SerializeAsString());
  }
  for (const std::string& key : index_.metadata_keys) {
    if (in_file(model_field::metadata_props, 1, key)) continue;
    onnx_pb::StringStringEntry proto;
    proto.set_key(key);
    proto.set_value(std::ranges::find(graph_.metadata, key, &Metadata::key)->value);
    append_bytes_field(to, model_field::metadata_props, proto.SerializeAsString());
  }
}

Result<std::vector<OutputFile>> Writer::write() {
  Rope out;
  for (const Kid& kid : records_.model) {
    if (kid.field == model_field::graph && index_.scopes[0].changed) {
      append_message(out, kid.field, graph_body(ScopeId(0U)));
    } else if (kid.field == model_field::ir_version && index_.ir_version_set) {
      append_ir_version(out);
    } else if (kid.field == model_field::opset_import) {
      append_opset(out, kid);
    } else if (kid.field == model_field::metadata_props) {
      append_metadata(out, kid);
    } else {
      out.append(kid.whole);
    }
  }
  append_new_model_fields(out);
  if (out.size() > INT32_MAX) {
    return fail(ErrorCode::unsupported,
                "The narrowed model would be larger than 2 GiB, more than one ONNX file holds.");
  }
  std::vector<OutputFile> outputs;
  outputs.push_back({"", std::move(out)});
  if (!data_.empty()) outputs.push_back({data_name_, std::move(data_)});
  return outputs;
}

}  // namespace

Result<std::vector<OutputFile>> write(const Model& model, const EditLog& log, std::string_view data_name) {
  return Writer(model, log, data_name).write();
}

}  // namespace narrowcast::onnx
