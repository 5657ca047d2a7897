// Small TFLite models for the tests, made record by record.
#pragma once

#include "formats/tflite/emit.h"
#include "formats/tflite/flat_reader.h"
#include "formats/tflite/write_tensor.h"
#include "tflite_models.h"

namespace narrowcast::tflite {

// All the bytes of a rope, read in pieces of an odd size.
inline Bytes flatten(const Files& files, const Rope& rope) {
  Bytes bytes(static_cast<std::size_t>(rope.size()));
  constexpr std::size_t kPiece = 997;
  for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
    const std::size_t count = std::min(kPiece, bytes.size() - at);
    rope.read(files, at, std::span(bytes).subspan(at, count));
  }
  return bytes;
}

class ModelBuilder {
 public:
  struct Part {
    std::vector<Index> tensors;
    std::vector<Index> operators;
    std::vector<int32_t> inputs;
    std::vector<int32_t> outputs;
  };

  ModelBuilder() { buffers.push_back(set.add_table({.type = TableType::Buffer, .fields = {}})); }

  uint32_t buffer(Bytes data) {
    Table table{.type = TableType::Buffer, .fields = {}};
    table.set(field::Buffer::data, set.add_scalars(table_info(TableType::Buffer).fields[0], std::move(data)));
    buffers.push_back(set.add_table(std::move(table)));
    return static_cast<uint32_t>(buffers.size() - 1);
  }
  uint32_t floats(const std::vector<float>& values) {
    Bytes data;
    for (const float value : values) append_le(data, value);
    return buffer(std::move(data));
  }
  uint32_t code(int32_t builtin, int version = 1) {
    Table table{.type = TableType::OperatorCode, .fields = {}};
    table.set(field::OperatorCode::deprecated_builtin_code, static_cast<uint64_t>(std::min(builtin, 127)));
    if (version != 1) table.set(field::OperatorCode::version, static_cast<uint64_t>(version));
    table.set(field::OperatorCode::builtin_code, static_cast<uint64_t>(builtin));
    codes.push_back(set.add_table(std::move(table)));
    return static_cast<uint32_t>(codes.size() - 1);
  }
  int32_t tensor(Part& part, const std::string& name, const std::vector<int32_t>& shape, uint32_t buffer_number = 0) {
    Table table{.type = TableType::Tensor, .fields = {}};
    table.set(field::Tensor::shape, add_int32s(set, shape));
    if (buffer_number != 0) table.set(field::Tensor::buffer, buffer_number);
    table.set(field::Tensor::name, set.add_string(name));
    part.tensors.push_back(set.add_table(std::move(table)));
    return static_cast<int32_t>(part.tensors.size() - 1);
  }
  Index op(Part& part, uint32_t code_number, const std::vector<int32_t>& inputs, const std::vector<int32_t>& outputs) {
    Table table{.type = TableType::Operator, .fields = {}};
    table.set(field::Operator::opcode_index, code_number);
    table.set(field::Operator::inputs, add_int32s(set, inputs));
    table.set(field::Operator::outputs, add_int32s(set, outputs));
    part.operators.push_back(set.add_table(std::move(table)));
    return part.operators.back();
  }
  // Options for an operator, to be filled by the caller.
  Table& options(Index op, UnionType in, TableType type) {
    const Index index = set.add_table({.type = type, .fields = {}});
    const uint16_t slot =
        in == UnionType::BuiltinOptions ? field::Operator::builtin_options : field::Operator::builtin_options_2;
    set.added_table(op).set(static_cast<uint16_t>(slot - 1), union_number(in, type));
    set.added_table(op).set(slot, index);
    return set.added_table(index);
  }
  void signature(const std::string& key, uint32_t scope, const std::vector<uint32_t>& ins,
                 const std::vector<uint32_t>& outs) {
    Table table{.type = TableType::SignatureDef, .fields = {}};
    const auto maps = [&](const std::vector<uint32_t>& tensors, const char* prefix) {
      std::vector<Index> list;
      for (const uint32_t tensor_number : tensors) {
        Table map{.type = TableType::TensorMap, .fields = {}};
        map.set(field::TensorMap::name, set.add_string(prefix + std::to_string(list.size())));
        map.set(field::TensorMap::tensor_index, tensor_number);
        list.push_back(set.add_table(std::move(map)));
      }
      return set.add_list(std::move(list));
    };
    table.set(field::SignatureDef::inputs, maps(ins, "in"));
    table.set(field::SignatureDef::outputs, maps(outs, "out"));
    table.set(field::SignatureDef::signature_key, set.add_string(key));
    table.set(field::SignatureDef::subgraph_index, scope);
    signatures.push_back(set.add_table(std::move(table)));
  }
  void add_metadata(const std::string& key, uint32_t buffer_number) {
    Table table{.type = TableType::Metadata, .fields = {}};
    table.set(field::Metadata::name, set.add_string(key));
    table.set(field::Metadata::buffer, buffer_number);
    metadata.push_back(set.add_table(std::move(table)));
  }

  Bytes build() {
    std::vector<Index> subgraphs;
    for (const Part& part : parts) {
      Table table{.type = TableType::SubGraph, .fields = {}};
      table.set(field::SubGraph::tensors, set.add_list(part.tensors));
      table.set(field::SubGraph::inputs, add_int32s(set, part.inputs));
      table.set(field::SubGraph::outputs, add_int32s(set, part.outputs));
      table.set(field::SubGraph::operators, set.add_list(part.operators));
      subgraphs.push_back(set.add_table(std::move(table)));
    }
    Table model{.type = TableType::Model, .fields = {}};
    model.set(field::Model::version, 3);
    model.set(field::Model::operator_codes, set.add_list(codes));
    model.set(field::Model::subgraphs, set.add_list(std::move(subgraphs)));
    model.set(field::Model::description, set.add_string("made for a test"));
    model.set(field::Model::buffers, set.add_list(buffers));
    if (!metadata.empty()) model.set(field::Model::metadata, set.add_list(metadata));
    if (!signatures.empty()) model.set(field::Model::signature_defs, set.add_list(signatures));
    const Index root = set.add_table(std::move(model));
    const auto rope = emit_file({}, {&set, root, outside, {}});
    return rope ? flatten({}, *rope) : Bytes();
  }

  TableSet set;
  std::vector<Index> codes;
  std::vector<Index> buffers;
  std::vector<Part> parts = std::vector<Part>(1);
  std::vector<Index> signatures;
  std::vector<Index> metadata;
  std::vector<OutsideRecord> outside;
};

inline constexpr int32_t kFullyConnected = 9;
inline constexpr int32_t kAdd = 0;

// x -> FULLY_CONNECTED(w, b) -> h -> ADD(h, c) -> y; w and c2 share a buffer; a signature and a metadata record.
inline Bytes small_model(ModelBuilder& b) {
  auto& part = b.parts[0];
  const uint32_t weights = b.floats({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const uint32_t bias = b.floats({1, 2, 3});
  const int32_t x = b.tensor(part, "x", {1, 4});
  const int32_t w = b.tensor(part, "w", {3, 4}, weights);
  const int32_t bias_tensor = b.tensor(part, "b", {3}, bias);
  const int32_t h = b.tensor(part, "h", {1, 3});
  const int32_t y = b.tensor(part, "y", {1, 3});
  const int32_t c = b.tensor(part, "c", {1, 3}, b.floats({7, 7, 7}));
  b.tensor(part, "w2", {3, 4}, weights);
  const Index fc = b.op(part, b.code(kFullyConnected), {x, w, bias_tensor}, {h});
  b.options(fc, UnionType::BuiltinOptions, TableType::FullyConnectedOptions)
      .set(field::FullyConnectedOptions::fused_activation_function, 1);
  b.op(part, b.code(kAdd), {h, c}, {y});
  part.inputs = {x};
  part.outputs = {y};
  b.signature("serving_default", 0, {static_cast<uint32_t>(x)}, {static_cast<uint32_t>(y)});
  Bytes version(16, 0);
  version[0] = '1';
  b.add_metadata("min_runtime_version", b.buffer(version));
  return b.build();
}

inline Bytes small_model() {
  ModelBuilder builder;
  return small_model(builder);
}

inline ValueId find_value(const Graph& graph, std::string_view name) {
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    if (graph.values[i].name == name) return ValueId(i);
  }
  return {};
}

}  // namespace narrowcast::tflite
