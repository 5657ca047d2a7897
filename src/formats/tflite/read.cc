#include <algorithm>
#include <unordered_map>

#include "formats/tflite/calls.h"
#include "formats/tflite/flat_reader.h"
#include "formats/tflite/metadata.h"
#include "formats/tflite/operator.h"
#include "formats/tflite/records.h"
#include "formats/tflite/tensor.h"
#include "ir/verify.h"

namespace narrowcast::tflite {
namespace {

constexpr int64_t kModelVersion = 3;
// Offsets and sizes of bytes outside the flatbuffer count from here; 0 and 1 mean that there are none.
constexpr uint64_t kFirstOutside = 2;

std::unexpected<Error> malformed(std::string what, std::string where = {}) {
  return fail(ErrorCode::malformed, std::move(what), std::move(where));
}

class Reader {
 public:
  explicit Reader(Files files) : budget_(files.empty() ? 0 : files[0].bytes.size()) { model_.files = std::move(files); }

  Result<Model> read();

 private:
  Status read_codes(const TableView& root);
  Status read_buffers(const TableView& root);
  Result<std::optional<Span>> outside(const TableView& table, uint16_t offset_slot, uint16_t size_slot);
  Status read_subgraphs(const TableView& root);
  Status read_tensors(const TableView& subgraph, ScopeId scope);
  Status read_operators(const TableView& subgraph, ScopeId scope);
  Result<Node> read_operator(const TableView& op, ScopeId scope);
  Status read_bodies(NodeId id, const TableView& op);
  Status add_producers(NodeId id);
  Status read_inputs_and_outputs(const TableView& subgraph, ScopeId scope);
  Result<std::vector<ValueId>> values_of(const TableView& table, uint16_t slot, ScopeId scope,
                                         const std::string& where);
  Result<ValueId> value_at(int64_t tensor, ScopeId scope, const std::string& where) const;
  void settle_values(const TableView& subgraph, ScopeId scope);
  Status read_signatures(const TableView& root);
  Result<std::vector<std::pair<std::string, ValueId>>> read_tensor_maps(const TableView& signature, uint16_t slot,
                                                                        ScopeId scope);
  Status read_metadata(const TableView& root);
  void find_tail();

  [[nodiscard]] ByteView file() const { return model_.files[0].bytes; }
  Graph& graph() { return model_.graph; }

  Model model_;
  Budget budget_;
  std::unique_ptr<TfliteRecords> records_ = std::make_unique<TfliteRecords>();
};

Status Reader::read_codes(const TableView& root) {
  for (const Index index : root.children(field::Model::operator_codes)) {
    NC_TRY(OperatorCodeRecord code, read_operator_code(root.at(index), budget_));
    records_->codes.push_back(std::move(code));
  }
  return {};
}

Result<std::optional<Span>> Reader::outside(const TableView& table, uint16_t offset_slot, uint16_t size_slot) {
  const auto offset = static_cast<uint64_t>(table.integer(offset_slot));
  const auto size = static_cast<uint64_t>(table.integer(size_slot));
  if (offset < kFirstOutside || size < kFirstOutside) return std::nullopt;
  if (offset < records_->flat_end || offset > file().size() || size > file().size() - offset) {
    return malformed("Data outside the flatbuffer does not lie between its end and the file's.",
                     "byte " + std::to_string(offset));
  }
  const Span span{0, offset, size};
  records_->outside.push_back({table.index(), span});
  return span;
}

Status Reader::read_buffers(const TableView& root) {
  const auto list = root.children(field::Model::buffers);
  NC_CHECK(budget_.take(list.size() * (sizeof(Span) + sizeof(OutsideRecord))));
  for (const Index index : list) {
    const TableView buffer = root.at(index);
    const Blob* data = buffer.blob(field::Buffer::data);
    Span span = data == nullptr ? Span{} : std::get<Span>(data->payload);
    NC_TRY(const auto elsewhere, outside(buffer, field::Buffer::offset, field::Buffer::size));
    if (elsewhere && span.length > 0) {
      return malformed("Buffer " + std::to_string(records_->buffers.size()) + " has its data in two places.");
    }
    records_->buffers.push_back(elsewhere.value_or(span));
  }
  return {};
}

Status Reader::read_tensors(const TableView& subgraph, ScopeId scope) {
  records_->first_value.push_back(static_cast<uint32_t>(graph().values.size()));
  // Tensors need no names, or no names of their own; the neutral graph's are unique. The file keeps its own.
  std::unordered_map<std::string, uint32_t> next_suffix;
  for (const Index index : subgraph.children(field::SubGraph::tensors)) {
    NC_TRY(Value value, read_tensor(subgraph.at(index), records_->buffers, budget_));
    value.scope = scope;
    std::string name = value.name;
    if (!name.empty()) {
      while (!next_suffix.emplace(name, 1).second) name = value.name + "_" + std::to_string(next_suffix[value.name]++);
      NC_CHECK(budget_.take(name.size() + 64));
    }
    value.name = std::move(name);
    graph().add_value(std::move(value));
  }
  records_->tensor_count.push_back(static_cast<uint32_t>(graph().values.size()) - records_->first_value.back());
  return {};
}

Result<ValueId> Reader::value_at(int64_t tensor, ScopeId scope, const std::string& where) const {
  if (tensor == -1) return ValueId();
  if (tensor < 0 || tensor >= records_->tensor_count[scope.index]) {
    return malformed("Tensor " + std::to_string(tensor) + " is named, but the subgraph has only " +
                         std::to_string(records_->tensor_count[scope.index]) + ".",
                     where);
  }
  return ValueId(records_->first_value[scope.index] + static_cast<uint32_t>(tensor));
}

Result<std::vector<ValueId>> Reader::values_of(const TableView& table, uint16_t slot, ScopeId scope,
                                               const std::string& where) {
  NC_CHECK(budget_.take(table.count(slot) * (sizeof(ValueId) + sizeof(int64_t))));
  std::vector<ValueId> values;
  for (const int64_t tensor : table.integers(slot)) {
    NC_TRY(const ValueId value, value_at(tensor, scope, where));
    values.push_back(value);
  }
  return values;
}

Result<Node> Reader::read_operator(const TableView& op, ScopeId scope) {
  const std::string where =
      "operator " + std::to_string(graph()[scope].nodes.size()) + " of subgraph " + std::to_string(scope.index);
  const auto code = static_cast<uint64_t>(op.integer(field::Operator::opcode_index));
  if (code >= records_->codes.size()) return malformed("The operator's code does not exist.", where);
  NC_CHECK(budget_.take(sizeof(Node) + sizeof(Index)));
  Node node;
  node.scope = scope;
  NC_TRY(node.op, read_op(op, records_->codes[static_cast<std::size_t>(code)], budget_));
  NC_TRY(node.inputs, values_of(op, field::Operator::inputs, scope, where));
  NC_TRY(node.outputs, values_of(op, field::Operator::outputs, scope, where));
  NC_TRY(const auto large,
         outside(op, field::Operator::large_custom_options_offset, field::Operator::large_custom_options_size));
  if (large) {
    node.op.attributes.push_back(
        {std::string(kCustomOptions), Constant{DType::u8, {static_cast<int64_t>(large->length)}, *large}});
  }
  return node;
}

Status Reader::add_producers(NodeId id) {
  for (const ValueId output : graph()[id].outputs) {
    if (!output) continue;
    Value& value = graph()[output];
    if (value.producer || value.constant) {
      return malformed(value.constant ? "An operator writes to a constant." : "Two operators make the same tensor.",
                       value.name);
    }
    value.producer = id;
  }
  return {};
}

Status Reader::read_operators(const TableView& subgraph, ScopeId scope) {
  for (const Index index : subgraph.children(field::SubGraph::operators)) {
    NC_TRY(Node node, read_operator(subgraph.at(index), scope));
    const NodeId id(graph().nodes.size());
    graph().nodes.push_back(std::move(node));
    graph()[scope].nodes.push_back(id);
    records_->operators.push_back(index);
    NC_CHECK(add_producers(id));
  }
  return {};
}

Status Reader::read_inputs_and_outputs(const TableView& subgraph, ScopeId scope) {
  const std::string where = "subgraph " + std::to_string(scope.index);
  NC_TRY(graph()[scope].inputs, values_of(subgraph, field::SubGraph::inputs, scope, where));
  NC_TRY(graph()[scope].outputs, values_of(subgraph, field::SubGraph::outputs, scope, where));
  for (const ValueId input : graph()[scope].inputs) {
    if (input && graph()[input].producer)
      return malformed("An operator makes an input of its subgraph.", graph()[input].name);
  }
  return {};
}

// What can be said of tensors only once it is known who makes them.
void Reader::settle_values(const TableView& subgraph, ScopeId scope) {
  const auto tensors = subgraph.children(field::SubGraph::tensors);
  std::vector<bool> is_input(tensors.size(), false);
  for (const ValueId input : graph()[scope].inputs) {
    if (input) is_input[input.index - records_->first_value[scope.index]] = true;
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    Value& value = graph().values[records_->first_value[scope.index] + i];
    const bool is_variable = subgraph.at(tensors[i]).integer(field::Tensor::is_variable) != 0;
    // An empty shape is a scalar's; before has_rank, it was also that of a result of unknown rank.
    if (value.producer && value.type.shape->empty() && subgraph.at(tensors[i]).integer(field::Tensor::has_rank) == 0) {
      value.type.shape.reset();
    }
    // A constant without elements has a buffer without data.
    const bool is_source = !value.producer && !is_input[i] && !value.constant && !is_variable;
    if (is_source && dtype_bits(value.type.dtype) > 0 && element_count(*value.type.shape) == 0) {
      value.constant = Constant{value.type.dtype, *value.type.shape, Span{}};
    }
  }
}

Status Reader::read_bodies(NodeId id, const TableView& op) {
  for (const int64_t subgraph : subgraphs_of(op)) {
    if (subgraph < 0 || subgraph >= static_cast<int64_t>(graph().scopes.size())) {
      return malformed("The operator names subgraph " + std::to_string(subgraph) + ", which does not exist.",
                       graph().label(id));
    }
    const ScopeId body(static_cast<uint32_t>(subgraph));
    graph()[id].bodies.push_back(body);
    if (!graph()[body].owner) graph()[body].owner = id;
  }
  return {};
}

Status Reader::read_subgraphs(const TableView& root) {
  const auto subgraphs = root.children(field::Model::subgraphs);
  if (subgraphs.empty()) return malformed("The model has no subgraph.");
  for (const Index index : subgraphs) {
    const TableView subgraph = root.at(index);
    const std::string_view name = subgraph.text(field::SubGraph::name);
    NC_CHECK(budget_.take(sizeof(Scope) + name.size()));
    const ScopeId scope = graph().add_scope({});
    graph()[scope].name = name;
    NC_CHECK(read_tensors(subgraph, scope));
    NC_CHECK(read_operators(subgraph, scope));
    NC_CHECK(read_inputs_and_outputs(subgraph, scope));
    settle_values(subgraph, scope);
  }
  for (std::size_t i = 0; i < graph().nodes.size(); ++i) {
    NC_CHECK(read_bodies(NodeId(i), root.at(records_->operators[i])));
  }
  return check_calls(graph());
}

Result<std::vector<std::pair<std::string, ValueId>>> Reader::read_tensor_maps(const TableView& signature, uint16_t slot,
                                                                              ScopeId scope) {
  std::vector<std::pair<std::string, ValueId>> entries;
  for (const Index index : signature.children(slot)) {
    const TableView entry = signature.at(index);
    const std::string name(entry.text(field::TensorMap::name));
    NC_CHECK(budget_.take(sizeof(entries[0]) + name.size()));
    NC_TRY(const ValueId value, value_at(entry.integer(field::TensorMap::tensor_index), scope, name));
    entries.emplace_back(name, value);
  }
  return entries;
}

Status Reader::read_signatures(const TableView& root) {
  for (const Index index : root.children(field::Model::signature_defs)) {
    const TableView table = root.at(index);
    Signature signature;
    signature.key = table.text(field::SignatureDef::signature_key);
    NC_CHECK(budget_.take(sizeof(Signature) + signature.key.size()));
    const auto subgraph = static_cast<uint64_t>(table.integer(field::SignatureDef::subgraph_index));
    if (subgraph >= graph().scopes.size()) return malformed("The signature's subgraph does not exist.", signature.key);
    signature.scope = ScopeId(static_cast<std::size_t>(subgraph));
    NC_TRY(signature.inputs, read_tensor_maps(table, field::SignatureDef::inputs, signature.scope));
    NC_TRY(signature.outputs, read_tensor_maps(table, field::SignatureDef::outputs, signature.scope));
    graph().signatures.push_back(std::move(signature));
  }
  return {};
}

Status Reader::read_metadata(const TableView& root) {
  for (const Index index : root.children(field::Model::metadata)) {
    const TableView table = root.at(index);
    const std::string_view key = table.text(field::Metadata::name);
    const auto buffer = static_cast<uint64_t>(table.integer(field::Metadata::buffer));
    if (buffer >= records_->buffers.size()) return malformed("The metadata's buffer does not exist.", std::string(key));
    if (key == kCompressionKey) {
      return fail(ErrorCode::unsupported, "The model's tensors are compressed for microcontrollers.", std::string(key));
    }
    const std::string_view text =
        metadata_text(bytes_of(model_.files, records_->buffers[static_cast<std::size_t>(buffer)]));
    NC_CHECK(budget_.take(sizeof(Metadata) + key.size() + text.size()));
    graph().metadata.push_back({std::string(key), std::string(text)});
  }
  return {};
}

void Reader::find_tail() {
  uint64_t end = records_->flat_end;
  for (const OutsideRecord& record : records_->outside) {
    const Span& span = std::get<Span>(record.payload);
    end = std::max(end, span.offset + span.length);
  }
  records_->tail = {0, end, file().size() - end};
  if (is_padding(slice(file(), records_->tail))) records_->tail.length = 0;
}

Result<Model> Reader::read() {
  if (model_.files.empty() || !sniff(file())) return malformed("The file is not a TFLite model.");
  NC_TRY(FlatFile flat, read_flat(file(), budget_));
  records_->tables = std::move(flat.tables);
  records_->root = flat.root;
  records_->flat_end = flat.end;
  const TableView root(model_.files, records_->tables, records_->root);
  graph().ir_version = root.integer(field::Model::version);
  if (graph().ir_version != kModelVersion) {
    return fail(ErrorCode::unsupported,
                "The model has version " + std::to_string(graph().ir_version) + " of the format.");
  }
  graph().producer = root.text(field::Model::description);
  NC_CHECK(read_codes(root));
  NC_CHECK(read_buffers(root));
  NC_CHECK(read_subgraphs(root));
  NC_CHECK(read_signatures(root));
  NC_CHECK(read_metadata(root));
  find_tail();
  NC_CHECK(verify_acyclic(graph()));
  model_.records = std::move(records_);
  return std::move(model_);
}

}  // namespace

bool sniff(ByteView bytes) {
  static constexpr std::string_view kIdentifier = "TFL3";
  return bytes.size() >= 8 && std::ranges::equal(bytes.subspan(4, 4), kIdentifier);
}

Result<Model> read(Files files) { return Reader(std::move(files)).read(); }

}  // namespace narrowcast::tflite
