#include <algorithm>

#include "formats/tflite/buffers.h"
#include "formats/tflite/emit.h"
#include "formats/tflite/metadata.h"
#include "formats/tflite/write_operator.h"
#include "formats/tflite/write_tensor.h"

namespace narrowcast::tflite {
namespace {

class Writer {
 public:
  Writer(const Model& model, const EditLog& log)
      : files_(model.files),
        graph_(model.graph),
        records_(static_cast<const TfliteRecords&>(*model.records)),
        index_(log),
        set_(&records_.tables),
        root_(files_, records_.tables, records_.root),
        buffers_(files_, records_, set_),
        codes_(files_, records_, set_) {}

  Result<Rope> write();

 private:
  Status check_edits() const;
  Status check_gaps() const;
  void number_new_tensors();
  void move_codes();
  Result<int32_t> tensor_index(ValueId value, ScopeId scope) const;
  Result<std::vector<int32_t>> tensor_indices(const std::vector<ValueId>& values, ScopeId scope) const;
  Result<Index> subgraph(ScopeId scope);
  Result<std::vector<Index>> tensors(ScopeId scope);
  Result<Index> edited_tensor(Index table, ValueId id);
  Result<Index> added_tensor(ValueId id, bool with_rank_flag);
  Result<std::vector<Index>> operators(ScopeId scope);
  Result<Index> operator_of(NodeId id);
  Status set_tensors(Index table, uint16_t slot, const std::vector<ValueId>& values, ScopeId scope);
  Status set_ports(Index subgraph, ScopeId scope);
  Result<std::vector<Index>> signatures();
  Result<std::optional<Index>> redirected_maps(const TableView& signature, uint16_t slot, ScopeId scope, bool is_input);
  std::vector<Index> metadata();
  void set_list(Index table, uint16_t slot, std::vector<Index> list);

  [[nodiscard]] Index subgraph_table(ScopeId scope) const {
    return root_.children(field::Model::subgraphs)[scope.index];
  }
  [[nodiscard]] bool is_original(ValueId id) const { return id.index < original_values_; }
  [[nodiscard]] bool is_original(NodeId id) const { return id.index < records_.operators.size(); }
  // Tensors that the subgraph's inputs or outputs had in the file, dropped constants left out as in the graph.
  [[nodiscard]] std::vector<int64_t> old_ports(ScopeId scope, uint16_t slot) const;

  const Files& files_;
  const Graph& graph_;
  const TfliteRecords& records_;
  EditIndex index_;
  TableSet set_;
  TableView root_;
  BufferEditor buffers_;
  CodeEditor codes_;
  std::size_t original_values_ = 0;
  std::vector<int32_t> new_tensor_index_;           // by value, original ones left out; -1: not written
  std::vector<std::vector<ValueId>> added_values_;  // by scope, in the order of their new tensors
};

Status Writer::check_edits() const {
  if (!index_.opset_domains.empty()) return fail(ErrorCode::internal, "TFLite models have no opsets to set.");
  const bool order_changed =
      std::ranges::any_of(index_.nodes, [](const auto& edits) { return edits.inserted || edits.dropped; });
  const bool has_order =
      std::ranges::find(graph_.metadata, kControlDependenciesKey, &Metadata::key) != graph_.metadata.end();
  if (order_changed && has_order) {
    return fail(ErrorCode::unsupported,
                "The model fixes the order of its operators by number; operators cannot be inserted or taken out.",
                std::string(kControlDependenciesKey));
  }
  return check_gaps();
}

// Only padding may lie between the parts of the file, for it is not written again.
Status Writer::check_gaps() const {
  std::vector<Span> parts;
  parts.reserve(records_.outside.size() + 1);
  for (const OutsideRecord& record : records_.outside) parts.push_back(std::get<Span>(record.payload));
  std::ranges::sort(parts, {}, &Span::offset);
  parts.push_back(records_.tail);
  uint64_t end = records_.flat_end;
  for (const Span& part : parts) {
    const ByteView gap = part.offset > end ? slice(files_[0].bytes, {0, end, part.offset - end}) : ByteView();
    if (std::ranges::any_of(gap, [](uint8_t c) { return c != 0; })) {
      return fail(ErrorCode::unsupported, "The file holds bytes that nothing in it refers to.",
                  "byte " + std::to_string(end));
    }
    end = std::max(end, part.offset + part.length);
  }
  return {};
}

// Values that edits made and that something still uses become tensors behind the original ones.
void Writer::number_new_tensors() {
  if (!records_.first_value.empty()) original_values_ = records_.first_value.back() + records_.tensor_count.back();
  std::vector<bool> used(graph_.values.size(), false);
  const auto use = [&](const std::vector<ValueId>& values) {
    for (const ValueId id : values) {
      if (id) used[id.index] = true;
    }
  };
  for (const Scope& scope : graph_.scopes) {
    use(scope.inputs);
    use(scope.outputs);
    for (const NodeId id : scope.nodes) {
      use(graph_[id].inputs);
      use(graph_[id].outputs);
    }
  }
  added_values_.resize(graph_.scopes.size());
  new_tensor_index_.resize(graph_.values.size() - original_values_, -1);
  for (std::size_t i = original_values_; i < graph_.values.size(); ++i) {
    if (!used[i] && !graph_.values[i].constant) continue;
    const ScopeId scope = graph_.values[i].scope;
    auto& added = added_values_[scope.index];
    new_tensor_index_[i - original_values_] = static_cast<int32_t>(records_.tensor_count[scope.index] + added.size());
    added.push_back(ValueId(i));
  }
}

// A code whose operators all got the same new version gets it too.
void Writer::move_codes() {
  std::vector<std::optional<int>> version(records_.codes.size());
  std::vector<bool> agree(records_.codes.size(), true);
  for (std::size_t i = 0; i < records_.operators.size(); ++i) {
    if (graph_.nodes[i].dropped) continue;
    const int64_t code = root_.at(records_.operators[i]).integer(field::Operator::opcode_index);
    const auto place = static_cast<std::size_t>(code);
    const int now = graph_.nodes[i].op.version;
    agree[place] = agree[place] && version[place].value_or(now) == now;
    version[place] = now;
  }
  for (std::size_t i = 0; i < version.size(); ++i) {
    if (version[i] && agree[i] && *version[i] != records_.codes[i].version) {
      codes_.set_version(static_cast<uint32_t>(i), *version[i]);
    }
  }
}

Result<int32_t> Writer::tensor_index(ValueId value, ScopeId scope) const {
  if (!value) return -1;
  if (graph_[value].scope != scope) {
    return fail(ErrorCode::internal, "An edit uses a tensor of another subgraph.", graph_[value].name);
  }
  if (is_original(value)) return static_cast<int32_t>(value.index - records_.first_value[scope.index]);
  return new_tensor_index_[value.index - original_values_];
}

Result<std::vector<int32_t>> Writer::tensor_indices(const std::vector<ValueId>& values, ScopeId scope) const {
  std::vector<int32_t> indices;
  for (const ValueId value : values) {
    NC_TRY(const int32_t index, tensor_index(value, scope));
    indices.push_back(index);
  }
  return indices;
}

// A list that did not change stays as it is, absent if it was.
void Writer::set_list(Index table, uint16_t slot, std::vector<Index> list) {
  if (std::ranges::equal(list, TableView(files_, set_, table).children(slot))) return;
  const Index index = set_.add_list(std::move(list));
  set_.added_table(table).set(slot, index);
}

Status Writer::set_tensors(Index table, uint16_t slot, const std::vector<ValueId>& values, ScopeId scope) {
  NC_TRY(const auto indices, tensor_indices(values, scope));
  const Index blob = add_int32s(set_, indices);
  set_.added_table(table).set(slot, blob);
  return {};
}

Result<Index> Writer::edited_tensor(Index table, ValueId id) {
  const auto& edits = index_.values[id.index];
  if (!edits.constant_set && !edits.constant_dropped && !edits.type_set) return table;
  const Value& value = graph_[id];
  const Index copy = set_.add_table(set_.table(table));
  const auto old_buffer = static_cast<uint32_t>(root_.at(table).integer(field::Tensor::buffer));
  if (edits.constant_set && value.constant) {
    const uint32_t buffer = buffers_.store(old_buffer, value.constant->payload);
    if (buffer != old_buffer) set_.added_table(copy).set(field::Tensor::buffer, buffer);
    set_.added_table(copy).erase(field::Tensor::sparsity);  // what an edit writes is dense
  } else if (edits.constant_dropped) {
    buffers_.release(old_buffer);
    set_.added_table(copy).erase(field::Tensor::buffer);
    set_.added_table(copy).erase(field::Tensor::sparsity);
    return copy;
  }
  NC_CHECK(update_tensor(files_, set_, copy, value, value.constant.has_value()));
  return copy;
}

Result<Index> Writer::added_tensor(ValueId id, bool with_rank_flag) {
  const Value& value = graph_[id];
  const uint32_t buffer = value.constant ? buffers_.store(0, value.constant->payload) : 0;
  return new_tensor(files_, set_, value, buffer, with_rank_flag);
}

Result<std::vector<Index>> Writer::tensors(ScopeId scope) {
  const auto old = root_.at(subgraph_table(scope)).children(field::SubGraph::tensors);
  std::vector<Index> list;
  for (std::size_t i = 0; i < old.size(); ++i) {
    NC_TRY(const Index table, edited_tensor(old[i], ValueId(records_.first_value[scope.index] + i)));
    list.push_back(table);
  }
  const bool with_rank_flag = !old.empty() && root_.at(old[0]).has(field::Tensor::has_rank);
  for (const ValueId id : added_values_[scope.index]) {
    NC_TRY(const Index table, added_tensor(id, with_rank_flag));
    list.push_back(table);
  }
  return list;
}

Result<Index> Writer::operator_of(NodeId id) {
  const Node& node = graph_[id];
  const auto& edits = index_.nodes[id.index];
  if (!is_original(id)) {
    NC_TRY(const uint32_t code, codes_.find_or_add(node.op));
    NC_TRY(const auto inputs, tensor_indices(node.inputs, node.scope));
    NC_TRY(const auto outputs, tensor_indices(node.outputs, node.scope));
    return new_operator(set_, node.op, code, inputs, outputs);
  }
  const TableView old = root_.at(records_.operators[id.index]);
  if (!edits.touched() && !edits.version_set) return old.index();
  const Index copy = set_.add_table(old.table());
  if (edits.version_set) {
    NC_TRY(const uint32_t new_code, codes_.find_or_add(node.op));
    set_.added_table(copy).set(field::Operator::opcode_index, new_code);
  }
  if (!edits.inputs.empty()) NC_CHECK(set_tensors(copy, field::Operator::inputs, node.inputs, node.scope));
  if (!edits.outputs.empty()) NC_CHECK(set_tensors(copy, field::Operator::outputs, node.outputs, node.scope));
  for (const std::string& name : edits.attributes) NC_CHECK(set_option(set_, copy, node.op, name));
  return copy;
}

Result<std::vector<Index>> Writer::operators(ScopeId scope) {
  std::vector<Index> list;
  for (const NodeId id : graph_[scope].nodes) {
    NC_TRY(const Index table, operator_of(id));
    list.push_back(table);
  }
  return list;
}

std::vector<int64_t> Writer::old_ports(ScopeId scope, uint16_t slot) const {
  std::vector<int64_t> ports = root_.at(subgraph_table(scope)).integers(slot);
  if (slot == field::SubGraph::inputs) {
    std::erase_if(ports, [&](int64_t tensor) {
      return tensor >= 0 &&
             index_.values[records_.first_value[scope.index] + static_cast<std::size_t>(tensor)].constant_dropped;
    });
  }
  return ports;
}

Status Writer::set_ports(Index subgraph, ScopeId scope) {
  const auto& edits = index_.scopes[scope.index];
  const Scope& now = graph_[scope];
  const bool input_dropped = now.inputs.size() != root_.at(subgraph_table(scope)).count(field::SubGraph::inputs);
  if (!edits.inputs.empty() || input_dropped) {
    NC_CHECK(set_tensors(subgraph, field::SubGraph::inputs, now.inputs, scope));
  }
  if (!edits.outputs.empty()) NC_CHECK(set_tensors(subgraph, field::SubGraph::outputs, now.outputs, scope));
  return {};
}

Result<Index> Writer::subgraph(ScopeId scope) {
  const TableView old = root_.at(subgraph_table(scope));
  NC_TRY(std::vector<Index> new_tensors, tensors(scope));
  NC_TRY(std::vector<Index> new_operators, operators(scope));
  const Index copy = set_.add_table(old.table());
  set_list(copy, field::SubGraph::tensors, std::move(new_tensors));
  set_list(copy, field::SubGraph::operators, std::move(new_operators));
  NC_CHECK(set_ports(copy, scope));
  return copy;
}

// The entries of a signature, those of replaced inputs or outputs pointing to the new tensors; nothing when none is.
Result<std::optional<Index>> Writer::redirected_maps(const TableView& signature, uint16_t slot, ScopeId scope,
                                                     bool is_input) {
  const auto& edited = is_input ? index_.scopes[scope.index].inputs : index_.scopes[scope.index].outputs;
  if (edited.empty()) return std::nullopt;
  const std::vector<int64_t> old = old_ports(scope, is_input ? field::SubGraph::inputs : field::SubGraph::outputs);
  const std::vector<ValueId>& now = is_input ? graph_[scope].inputs : graph_[scope].outputs;
  std::vector<Index> maps;
  for (const Index index : signature.children(slot)) {
    const int64_t tensor = signature.at(index).integer(field::TensorMap::tensor_index);
    const auto port = std::ranges::find_if(edited, [&](uint32_t i) { return i < old.size() && old[i] == tensor; });
    if (port == edited.end() || *port >= now.size()) {
      maps.push_back(index);
      continue;
    }
    NC_TRY(const int32_t replacement, tensor_index(now[*port], scope));
    maps.push_back(set_.add_table(signature.at(index).table()));
    set_.added_table(maps.back()).set(field::TensorMap::tensor_index, static_cast<uint32_t>(replacement));
  }
  return set_.add_list(std::move(maps));
}

Result<std::vector<Index>> Writer::signatures() {
  std::vector<Index> list;
  for (const Index index : root_.children(field::Model::signature_defs)) {
    const TableView signature = root_.at(index);
    const ScopeId scope(static_cast<uint32_t>(signature.integer(field::SignatureDef::subgraph_index)));
    NC_TRY(const auto inputs, redirected_maps(signature, field::SignatureDef::inputs, scope, true));
    NC_TRY(const auto outputs, redirected_maps(signature, field::SignatureDef::outputs, scope, false));
    if (!inputs && !outputs) {
      list.push_back(index);
      continue;
    }
    Table copy = signature.table();
    if (inputs && copy.find(field::SignatureDef::inputs) != nullptr) copy.set(field::SignatureDef::inputs, *inputs);
    if (outputs && copy.find(field::SignatureDef::outputs) != nullptr) copy.set(field::SignatureDef::outputs, *outputs);
    list.push_back(set_.add_table(std::move(copy)));
  }
  return list;
}

std::vector<Index> Writer::metadata() {
  const auto old = root_.children(field::Model::metadata);
  std::vector<Index> list(old.begin(), old.end());
  for (const std::string& key : index_.metadata_keys) {
    const std::string& text = std::ranges::find(graph_.metadata, key, &Metadata::key)->value;
    Bytes bytes(text.begin(), text.end());
    if (key == kMinRuntimeVersionKey) bytes.resize(std::max(bytes.size(), kVersionBytes), 0);
    const auto entry =
        std::ranges::find_if(list, [&](Index index) { return root_.at(index).text(field::Metadata::name) == key; });
    if (entry == list.end()) {
      Table table{.type = TableType::Metadata, .fields = {}};
      table.set(field::Metadata::name, set_.add_string(key));
      table.set(field::Metadata::buffer, buffers_.store(0, std::move(bytes)));
      list.push_back(set_.add_table(std::move(table)));
      continue;
    }
    const auto old_buffer = static_cast<uint32_t>(root_.at(*entry).integer(field::Metadata::buffer));
    const uint32_t buffer = buffers_.store(old_buffer, std::move(bytes));
    if (buffer == old_buffer) continue;
    Table copy = root_.at(*entry).table();
    copy.set(field::Metadata::buffer, buffer);
    *entry = set_.add_table(std::move(copy));
  }
  return list;
}

Result<Rope> Writer::write() {
  NC_CHECK(check_edits());
  number_new_tensors();
  move_codes();
  const Index model = set_.add_table(root_.table());
  std::vector<Index> subgraphs;
  for (std::size_t i = 0; i < graph_.scopes.size(); ++i) {
    NC_TRY(const Index table, subgraph(ScopeId(i)));
    subgraphs.push_back(table);
  }
  set_list(model, field::Model::subgraphs, std::move(subgraphs));
  NC_TRY(std::vector<Index> new_signatures, signatures());
  set_list(model, field::Model::signature_defs, std::move(new_signatures));
  set_list(model, field::Model::metadata, metadata());
  set_list(model, field::Model::operator_codes, codes_.list());
  set_list(model, field::Model::buffers, buffers_.finish());
  return emit_file(files_, {&set_, model, buffers_.take_outside(), records_.tail});
}

}  // namespace

Result<std::vector<OutputFile>> write(const Model& model, const EditLog& log, std::string_view /*data_name*/) {
  Rope rope;
  if (log.empty()) {
    rope.append(Span{0, 0, model.files[0].bytes.size()});
  } else {
    NC_TRY(rope, Writer(model, log).write());
  }
  std::vector<OutputFile> outputs;
  outputs.push_back({"", std::move(rope)});
  return outputs;
}

}  // namespace narrowcast::tflite
