#include <algorithm>
#include <unordered_map>

#include "formats/onnx/attribute.h"
#include "formats/onnx/function.h"
#include "formats/onnx/tensor.h"
#include "formats/onnx/value_info.h"
#include "ir/verify.h"
#include "onnx.pb.h"

namespace narrowcast::onnx {
namespace {

// Deeper nesting of If, Loop and Scan than this is an attack on the stack, not a model.
constexpr int kMaxDepth = 32;

std::unexpected<Error> malformed(std::string what, std::string where) {
  return fail(ErrorCode::malformed, std::move(what), std::move(where));
}

template <typename Proto>
Result<Proto> parse(ByteView file, Span body, std::string_view what) {
  Proto proto;
  const ByteView bytes = slice(file, body);
  if (bytes.size() > INT32_MAX || !proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return malformed("The " + std::string(what) + " cannot be read.", "byte " + std::to_string(body.offset));
  }
  return proto;
}

class Reader {
 public:
  explicit Reader(Files files) { model_.files = std::move(files); }

  Result<Model> read();

 private:
  using Names = std::unordered_map<std::string_view, ValueId>;

  struct Frame {
    ScopeId scope;
    Names names;
    Frame* parent = nullptr;
  };

  Status read_header();
  Status add_model_field(const Field& field, std::optional<Span>& graph);
  Result<ScopeId> read_graph(Span body, Frame* parent, NodeId owner, int depth);
  Status scan_graph(Span body, ScopeId scope);
  Status declare_inputs(Frame& frame);
  Status declare_initializers(Frame& frame);
  Status declare_node_outputs(Frame& frame);
  Status declare_types(Frame& frame);
  Status read_nodes(Frame& frame, int depth);
  Status read_outputs(Frame& frame);
  Status read_node(Kid& kid, Frame& frame, int depth);
  Status read_constant_node(NodeId id);

  Result<ValueId> declare(Frame& frame, std::string_view name);
  static ValueId lookup(const Frame& frame, std::string_view name);
  ValueId add_value(Frame& frame, std::string_view name);
  void set_home(ValueId value, Home home) {
    records_->homes.resize(std::max<std::size_t>(records_->homes.size(), value.index + 1), Home::none);
    records_->homes[value.index] = home;
  }
  void set_external(ValueId value) {
    records_->external.resize(std::max<std::size_t>(records_->external.size(), value.index + 1), false);
    records_->external[value.index] = true;
  }
  [[nodiscard]] ByteView file() const { return model_.files[0].bytes; }
  Graph& graph() { return model_.graph; }

  Model model_;
  std::unique_ptr<OnnxRecords> records_ = std::make_unique<OnnxRecords>();
};

Status Reader::add_model_field(const Field& field, std::optional<Span>& graph_body) {
  switch (field.number) {
    case model_field::ir_version:
      graph().ir_version = static_cast<int64_t>(field.varint);
      break;
    case model_field::producer_name:
      graph().producer = text_of(file(), field.body);
      break;
    case model_field::graph:
      if (graph_body) return malformed("The file holds two graphs.", "byte " + std::to_string(field.whole.offset));
      graph_body = field.body;
      break;
    case model_field::opset_import: {
      NC_TRY(const auto proto, parse<onnx_pb::OperatorSetId>(file(), field.body, "opset import"));
      graph().opsets.push_back({proto.domain() == "ai.onnx" ? "" : proto.domain(), proto.version()});
      break;
    }
    case model_field::metadata_props: {
      NC_TRY(const auto proto, parse<onnx_pb::StringStringEntry>(file(), field.body, "metadata entry"));
      graph().metadata.push_back({proto.key(), proto.value()});
      break;
    }
    default:
      break;
  }
  records_->model.push_back({field.number, field.whole, field.body});
  return {};
}

Status Reader::read_header() {
  std::optional<Span> graph_body;
  FieldReader reader(file(), {0, 0, file().size()});
  while (!reader.done()) {
    NC_TRY(const Field field, reader.next());
    NC_CHECK(add_model_field(field, graph_body));
  }
  if (!graph_body) return malformed("The file holds no graph: it is not an ONNX model.", "");
  NC_TRY([[maybe_unused]] const ScopeId main, read_graph(*graph_body, nullptr, NodeId(), 0));
  return {};
}

ValueId Reader::add_value(Frame& frame, std::string_view name) {
  Value value;
  value.name = name;
  value.scope = frame.scope;
  const ValueId id = graph().add_value(std::move(value));
  frame.names.emplace(name, id);
  return id;
}

Result<ValueId> Reader::declare(Frame& frame, std::string_view name) {
  if (frame.names.contains(name)) {
    return malformed("Two inputs, initializers or nodes of one graph make the same value.", std::string(name));
  }
  return add_value(frame, name);
}

ValueId Reader::lookup(const Frame& frame, std::string_view name) {
  for (const Frame* f = &frame; f != nullptr; f = f->parent) {
    if (const auto it = f->names.find(name); it != f->names.end()) return it->second;
  }
  return {};
}

Status Reader::scan_graph(Span body, ScopeId scope) {
  std::vector<Kid> kids;
  FieldReader reader(file(), body);
  while (!reader.done()) {
    NC_TRY(const Field field, reader.next());
    if (field.number == graph_field::name) graph()[scope].name = text_of(file(), field.body);
    kids.push_back({field.number, field.whole, field.body});
  }
  records_->graphs.resize(std::max<std::size_t>(records_->graphs.size(), scope.index + 1));
  records_->graphs[scope.index] = {body, std::move(kids)};
  return {};
}

Status Reader::declare_inputs(Frame& frame) {
  for (Kid& kid : records_->graphs[frame.scope.index].kids) {
    if (kid.field != graph_field::input) continue;
    NC_TRY(const ValueInfo info, read_value_info(file(), kid.body));
    NC_TRY(const ValueId id, declare(frame, info.name));
    kid.id = id.index;
    graph()[id].type = info.type;
    graph()[id].dim_names = info.dim_names;
    graph()[frame.scope].inputs.push_back(id);
  }
  return {};
}

Status Reader::declare_initializers(Frame& frame) {
  for (Kid& kid : records_->graphs[frame.scope.index].kids) {
    if (kid.field != graph_field::initializer) continue;
    NC_TRY(TensorRecord tensor, read_tensor(model_.files, kid.body));
    ValueId id;
    if (const auto it = frame.names.find(tensor.name); it != frame.names.end()) {
      id = it->second;  // listed as an input too: a default value that callers almost never override
      if (graph()[id].constant) return malformed("Two initializers have the same name.", tensor.name);
    } else {
      // Names in the map must outlive it: take the file's own bytes.
      NC_TRY(const std::string_view name, name_in_tensor(file(), kid.body));
      id = add_value(frame, name);
    }
    kid.id = id.index;
    Value& value = graph()[id];
    value.type = {tensor.constant.dtype, tensor.constant.shape};
    value.is_sparse = tensor.opaque;
    value.constant = std::move(tensor.constant);
    set_home(id, Home::initializer);
    if (tensor.external) set_external(id);
  }
  return {};
}

Status Reader::declare_node_outputs(Frame& frame) {
  for (const Kid& kid : records_->graphs[frame.scope.index].kids) {
    if (kid.field != graph_field::node) continue;
    FieldReader reader(file(), kid.body);
    while (!reader.done()) {
      NC_TRY(const Field field, reader.next());
      if (field.number != node_field::output || field.body.length == 0) continue;
      NC_TRY([[maybe_unused]] const ValueId id, declare(frame, text_of(file(), field.body)));
    }
  }
  return {};
}

Status Reader::declare_types(Frame& frame) {
  for (Kid& kid : records_->graphs[frame.scope.index].kids) {
    if (kid.field != graph_field::value_info) continue;
    NC_TRY(const ValueInfo info, read_value_info(file(), kid.body));
    const auto it = frame.names.find(info.name);
    if (it == frame.names.end()) continue;
    kid.id = it->second.index;
    Value& value = graph()[it->second];
    if (!value.constant && value.type.dtype == DType::unknown) value.type = info.type;
  }
  return {};
}

Status Reader::read_constant_node(NodeId id) {
  const Node& node = graph()[id];
  if (node.op.type != "Constant" || !node.op.domain.empty() || node.outputs.size() != 1 || !node.outputs[0]) return {};
  // What a caller's attribute says is known when the function is called.
  if (std::ranges::any_of(node.op.attributes, [](const Attribute& a) { return !a.reference.empty(); })) return {};
  Value& value = graph()[node.outputs[0]];
  std::optional<Constant> constant;
  if (const auto* tensor = node.op.find("value"); tensor != nullptr && std::holds_alternative<Constant>(*tensor)) {
    constant = std::get<Constant>(*tensor);
  } else if (node.op.find("value_float") != nullptr || node.op.find("value_floats") != nullptr) {
    const auto* list = node.op.find("value_floats");
    Bytes bytes;
    if (list == nullptr) {
      append_le(bytes, node.op.float_or("value_float", 0));
    } else if (const auto* floats = std::get_if<std::vector<float>>(list)) {
      for (const float f : *floats) append_le(bytes, f);
    }
    const auto count = static_cast<int64_t>(bytes.size() / sizeof(float));
    constant = Constant{DType::f32, list == nullptr ? Shape{} : Shape{count}, std::move(bytes)};
  } else if (node.op.find("value_int") != nullptr || node.op.find("value_ints") != nullptr) {
    const bool is_list = node.op.find("value_ints") != nullptr;
    Bytes bytes;
    for (const int64_t i : node.op.ints(is_list ? "value_ints" : "value_int")) append_le(bytes, i);
    const auto count = static_cast<int64_t>(bytes.size() / sizeof(int64_t));
    constant = Constant{DType::i64, is_list ? Shape{count} : Shape{}, std::move(bytes)};
  }
  if (!constant) return {};
  value.type = {constant->dtype, constant->shape};
  value.constant = std::move(constant);
  set_home(node.outputs[0], Home::constant_node);
  return {};
}

Status Reader::read_node(Kid& kid, Frame& frame, int depth) {
  Node node;
  node.scope = frame.scope;
  const NodeId id = graph().add_node({});
  std::vector<Span> attributes;
  std::vector<std::string_view> inputs;  // resolved when the node's name, which comes later, is known
  FieldReader reader(file(), kid.body);
  while (!reader.done()) {
    NC_TRY(const Field field, reader.next());
    const std::string_view text = text_of(file(), field.type == WireType::bytes ? field.body : Span{});
    switch (field.number) {
      case node_field::name:
        node.name = text;
        break;
      case node_field::op_type:
        node.op.type = text;
        break;
      case node_field::domain:
        node.op.domain = text == "ai.onnx" ? "" : text;
        break;
      case node_field::attribute:
        attributes.push_back(field.body);
        break;
      case node_field::output:
        node.outputs.push_back(text.empty() ? ValueId() : frame.names.at(text));
        break;
      case node_field::input:
        inputs.push_back(text);
        break;
      default:
        break;
    }
  }
  const std::string where = node.name.empty() ? "byte " + std::to_string(kid.body.offset) : node.name;
  if (node.op.type.empty()) return malformed("A node has no op type.", where);
  for (const std::string_view name : inputs) {
    const ValueId input = name.empty() ? ValueId() : lookup(frame, name);
    if (!input && !name.empty())
      return malformed("The node reads '" + std::string(name) + "', which nothing makes.", where);
    node.inputs.push_back(input);
  }
  node.op.version = static_cast<int>(std::clamp<int64_t>(graph().opset(node.op.domain), 1, INT32_MAX));
  for (const Span body : attributes) {
    NC_TRY(Attribute attribute, read_attribute(model_.files, body, [&](Span graph_body) {
             return read_graph(graph_body, &frame, id, depth + 1);
           }));
    if (const auto* bodies = std::get_if<std::vector<ScopeId>>(&attribute.value)) {
      node.bodies.insert(node.bodies.end(), bodies->begin(), bodies->end());
    }
    node.op.attributes.push_back(std::move(attribute));
  }
  for (const ValueId output : node.outputs) {
    if (output) graph()[output].producer = id;
  }
  graph()[id] = std::move(node);
  graph()[frame.scope].nodes.push_back(id);
  records_->nodes.resize(std::max<std::size_t>(records_->nodes.size(), id.index + 1));
  records_->nodes[id.index] = kid.body;
  kid.id = id.index;
  return read_constant_node(id);
}

Status Reader::read_nodes(Frame& frame, int depth) {
  // By index: bodies add graphs to the records while this runs.
  for (std::size_t i = 0; i < records_->graphs[frame.scope.index].kids.size(); ++i) {
    Kid kid = records_->graphs[frame.scope.index].kids[i];
    if (kid.field != graph_field::node) continue;
    NC_CHECK(read_node(kid, frame, depth));
    records_->graphs[frame.scope.index].kids[i].id = kid.id;
  }
  return {};
}

Status Reader::read_outputs(Frame& frame) {
  for (Kid& kid : records_->graphs[frame.scope.index].kids) {
    if (kid.field != graph_field::output) continue;
    NC_TRY(const ValueInfo info, read_value_info(file(), kid.body));
    const ValueId id = lookup(frame, info.name);
    if (!id) return malformed("The graph's output is made by no node.", std::string(info.name));
    kid.id = id.index;
    Value& value = graph()[id];
    if (value.type.dtype == DType::unknown) value.type = info.type;
    if (value.dim_names.empty()) value.dim_names = info.dim_names;
    graph()[frame.scope].outputs.push_back(id);
  }
  return {};
}

Result<ScopeId> Reader::read_graph(Span body, Frame* parent, NodeId owner, int depth) {
  if (depth > kMaxDepth) {
    return malformed("Graphs are nested more than " + std::to_string(kMaxDepth) + " deep.",
                     "byte " + std::to_string(body.offset));
  }
  Frame frame{.scope = graph().add_scope({}), .names = {}, .parent = parent};
  graph()[frame.scope].owner = owner;
  if (parent != nullptr) graph()[frame.scope].parent = parent->scope;
  NC_CHECK(scan_graph(body, frame.scope));
  NC_CHECK(declare_inputs(frame));
  NC_CHECK(declare_initializers(frame));
  NC_CHECK(declare_node_outputs(frame));
  NC_CHECK(declare_types(frame));
  NC_CHECK(read_nodes(frame, depth));
  NC_CHECK(read_outputs(frame));
  return frame.scope;
}

Result<Model> Reader::read() {
  NC_CHECK(read_header());
  for (const Kid& kid : records_->model) {
    if (kid.field != model_field::functions) continue;
    NC_TRY(Function function, read_function(file(), kid.body));
    model_.functions.push_back(std::move(function));
  }
  Graph& g = graph();
  NC_CHECK(verify_acyclic(g));
  records_->homes.resize(g.values.size(), Home::none);
  records_->external.resize(g.values.size(), false);
  records_->nodes.resize(g.nodes.size());
  model_.records = std::move(records_);
  return std::move(model_);
}

}  // namespace

Result<Model> read(Files files) { return Reader(std::move(files)).read(); }

namespace {

// Visits the tensors of a graph, of its nodes' attributes and of the graphs inside them.
Status visit_tensors(ByteView file, Span message, uint32_t kind, int depth, std::vector<std::string>& names);

Status visit_kid(ByteView file, const Field& field, uint32_t kind, int depth, std::vector<std::string>& names) {
  enum : uint32_t { in_model, in_graph, in_node, in_attribute };
  const uint32_t number = field.number;
  if (kind == in_model && number == model_field::graph) return visit_tensors(file, field.body, in_graph, depth, names);
  if (kind == in_graph && number == graph_field::node) return visit_tensors(file, field.body, in_node, depth, names);
  if (kind == in_node && number == node_field::attribute) {
    return visit_tensors(file, field.body, in_attribute, depth, names);
  }
  if (kind == in_attribute && (number == attribute_field::graph || number == attribute_field::graphs)) {
    return visit_tensors(file, field.body, in_graph, depth + 1, names);
  }
  const bool is_tensor = (kind == in_graph && number == graph_field::initializer) ||
                         (kind == in_attribute && number == attribute_field::tensor);
  if (!is_tensor) return {};
  NC_TRY(std::string name, external_location(file, field.body));
  if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  return {};
}

Status visit_tensors(ByteView file, Span message, uint32_t kind, int depth, std::vector<std::string>& names) {
  if (depth > kMaxDepth) return malformed("Graphs are nested too deep.", "byte " + std::to_string(message.offset));
  FieldReader reader(file, message);
  while (!reader.done()) {
    NC_TRY(const Field field, reader.next());
    if (field.type == WireType::bytes) NC_CHECK(visit_kid(file, field, kind, depth, names));
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> external_files(ByteView model) {
  std::vector<std::string> names;
  NC_CHECK(visit_tensors(model, {0, 0, model.size()}, 0, 0, names));
  return names;
}

bool sniff(ByteView bytes) {
  // A model is a message whose first fields are known ones: ir_version first in every file tools write.
  FieldReader reader(bytes, {0, 0, bytes.size()});
  const auto first = reader.next();
  return first && first->number <= model_field::functions &&
         (first->number != model_field::ir_version || first->type == WireType::varint);
}

}  // namespace narrowcast::onnx
