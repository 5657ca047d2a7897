#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tflite_compare.h"

namespace narrowcast::tflite {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// A model, a log, and the file that comes of it.
struct Edited {
  explicit Edited(Bytes file) : bytes(std::move(file)), model(read_model(bytes)), log(model->graph) {}

  Graph& graph() { return model->graph; }
  ValueId value(std::string_view name) { return find_value(model->graph, name); }
  [[nodiscard]] const TfliteRecords& records() const { return static_cast<const TfliteRecords&>(*model->records); }

  Result<Model> write_and_read() {
    const auto files = write(*model, log, "");
    if (!files) return std::unexpected(files.error());
    written = flatten(model->files, (*files)[0].rope);
    return read_model(written);
  }
  // What differs between the file and the edited one.
  std::vector<std::string> changes() {
    const auto again = write_and_read();
    if (!again) return {again.error().message + " (" + again.error().where + ")"};
    return differences(bytes, written);
  }

  Bytes bytes;
  Result<Model> model;
  EditLog log;
  Bytes written;
};

Value make_value(std::string name, TensorType type) {
  Value value;
  value.name = std::move(name);
  value.type = std::move(type);
  return value;
}

Constant int8_constant(Shape shape, Bytes bytes) { return {DType::i8, std::move(shape), std::move(bytes)}; }

std::vector<float> floats_of(const Files& files, const Value& value) {
  const ByteView bytes = payload_view(files, value.constant->payload);
  std::vector<float> values(bytes.size() / 4);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

TEST(TfliteEdit, ReadsTheSmallModel) {
  Edited e(small_model());
  const Graph& g = e.graph();
  ASSERT_EQ(g.nodes.size(), 2U);
  EXPECT_EQ(g.nodes[0].op.domain, kTfliteDomain);
  EXPECT_EQ(g.nodes[0].op.type, "FULLY_CONNECTED");
  EXPECT_EQ(g.nodes[0].op.int_or("fused_activation_function", 0), 1);
  EXPECT_EQ(g.nodes[0].op.find("keep_num_dims"), nullptr);
  EXPECT_EQ(g[e.value("h")].producer, NodeId(0U));
  EXPECT_THAT(floats_of(e.model->files, g[e.value("b")]), ElementsAre(1, 2, 3));
  ASSERT_EQ(g.signatures.size(), 1U);
  EXPECT_EQ(g.signatures[0].inputs[0].second, e.value("x"));
  ASSERT_EQ(g.metadata.size(), 1U);
  EXPECT_EQ(g.metadata[0].value, "1");
  EXPECT_THAT(differences(e.bytes, reemit(*e.model)), IsEmpty());
}

TEST(TfliteEdit, InsertNode) {
  Edited e(small_model());
  const Value dequantized = make_value("w_float", e.graph()[e.value("w")].type);
  Node node;
  node.op = {.domain = std::string(kTfliteDomain), .type = "DEQUANTIZE", .version = 2, .attributes = {}};
  node.inputs = {e.value("w")};
  const NodeId id = e.log.insert_node(ScopeId(0U), NodeId(0U), node, {dequantized}, "test");
  e.log.set_input(NodeId(0U), 1, e.graph()[id].outputs[0], "test");
  const auto again = e.write_and_read();
  ASSERT_TRUE(again) << again.error().message;
  const Graph& g = again->graph;
  ASSERT_EQ(g.nodes.size(), 3U);
  EXPECT_EQ(g.nodes[0].op.type, "DEQUANTIZE");
  EXPECT_EQ(g.nodes[0].op.version, 2);
  EXPECT_EQ(g[g.nodes[0].outputs[0]].name, "w_float");
  EXPECT_EQ(g.nodes[1].inputs[1], g.nodes[0].outputs[0]);
  EXPECT_EQ(g.nodes[2].op.type, "ADD");
  const auto& records = static_cast<const TfliteRecords&>(*again->records);
  EXPECT_EQ(records.codes.size(), 3U);
  const TableView op(again->files, records.tables, records.operators[0]);
  EXPECT_EQ(op.child(field::Operator::builtin_options)->table().type, TableType::DequantizeOptions);
}

TEST(TfliteEdit, InsertedOptionsAreWritten) {
  Edited e(small_model());
  Node node;
  node.op = {.domain = std::string(kTfliteDomain),
             .type = "CAST",
             .version = 1,
             .attributes = {{"in_data_type", int64_t{0}}, {"out_data_type", int64_t{9}}}};
  node.inputs = {e.value("y")};
  e.log.insert_node(ScopeId(0U), NodeId(), node, {make_value("cast", {DType::i8, Shape{1, 3}})}, "test");
  const auto again = e.write_and_read();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->graph.nodes[2].op.int_or("out_data_type", -1), 9);
  EXPECT_EQ(again->graph[again->graph.nodes[2].outputs[0]].type.dtype, DType::i8);
}

TEST(TfliteEdit, NewOperatorCodesCarryBothNumbers) {
  Edited e(small_model());
  Node node;
  node.op = {
      .domain = std::string(kTfliteDomain), .type = "GELU", .version = 1, .attributes = {{"approximate", int64_t{1}}}};
  node.inputs = {e.value("y")};
  e.log.insert_node(ScopeId(0U), NodeId(), node, {make_value("g", {DType::f32, Shape{1, 3}})}, "test");
  const auto again = e.write_and_read();
  ASSERT_TRUE(again) << again.error().message;
  const auto& records = static_cast<const TfliteRecords&>(*again->records);
  const TableView root(again->files, records.tables, records.root);
  const TableView code = root.at(root.children(field::Model::operator_codes).back());
  EXPECT_EQ(code.integer(field::OperatorCode::deprecated_builtin_code), 127);
  EXPECT_EQ(code.integer(field::OperatorCode::builtin_code), 150);
  EXPECT_EQ(again->graph.nodes[2].op.type, "GELU");
}

TEST(TfliteEdit, DropNode) {
  Edited e(small_model());
  e.log.set_graph_output(ScopeId(0U), 0, e.value("h"), "test");
  e.log.drop_node(NodeId(1U), "test");
  EXPECT_THAT(e.changes(), UnorderedElementsAre("Model.subgraphs[0].operators.length", "Model.subgraphs[0].outputs",
                                                "Model.signature_defs[0].outputs[0].tensor_index"));
}

TEST(TfliteEdit, SetInputAndOutput) {
  Edited e(small_model());
  e.log.set_input(NodeId(1U), 1, e.value("h"), "test");
  EXPECT_THAT(e.changes(), ElementsAre("Model.subgraphs[0].operators[1].inputs"));
}

TEST(TfliteEdit, SetOutputToANewTensor) {
  Edited e(small_model());
  Node node;
  node.op = {.domain = std::string(kTfliteDomain), .type = "DEQUANTIZE", .version = 2, .attributes = {}};
  node.inputs = {e.value("y")};
  const NodeId id = e.log.insert_node(ScopeId(0U), NodeId(), node, {make_value("q", {DType::i8, Shape{1, 3}})}, "t");
  const ValueId q = e.graph()[id].outputs[0];
  const ValueId y = e.value("y");
  e.log.set_output(NodeId(1U), 0, q, "test");
  e.log.set_output(id, 0, y, "test");
  e.log.set_input(id, 0, q, "test");
  const auto again = e.write_and_read();
  ASSERT_TRUE(again) << again.error().message;
  const Graph& g = again->graph;
  EXPECT_EQ(g[g.nodes[1].outputs[0]].name, "q");
  EXPECT_EQ(g[g.nodes[2].inputs[0]].name, "q");
  EXPECT_EQ(g[g.nodes[2].outputs[0]].name, "y");
  EXPECT_EQ(g[g.scopes[0].outputs[0]].name, "y");
}

TEST(TfliteEdit, SetAttribute) {
  Edited e(small_model());
  e.log.set_attribute(NodeId(0U), "asymmetric_quantize_inputs", int64_t{1}, "test");
  EXPECT_THAT(e.changes(), ElementsAre("Model.subgraphs[0].operators[0].builtin_options.asymmetric_quantize_inputs"));
  EXPECT_EQ(read_model(e.written)->graph.nodes[0].op.int_or("asymmetric_quantize_inputs", 0), 1);
}

TEST(TfliteEdit, RemoveAttribute) {
  Edited e(small_model());
  e.log.set_attribute(NodeId(0U), "fused_activation_function", std::monostate(), "test");
  EXPECT_THAT(e.changes(), ElementsAre("Model.subgraphs[0].operators[0].builtin_options.fused_activation_function"));
}

TEST(TfliteEdit, SetAttributeMakesTheOptionsTable) {
  Edited e(small_model());
  e.log.set_attribute(NodeId(1U), "pot_scale_int16", int64_t{0}, "test");
  const auto again = e.write_and_read();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->graph.nodes[1].op.int_or("pot_scale_int16", 1), 0);
}

TEST(TfliteEdit, RefusesAttributesThatTheFormatLacks) {
  for (const auto& [name, value] : std::vector<std::pair<std::string, AttributeValue>>{
           {"no_such_option", int64_t{1}}, {"fused_activation_function", int64_t{300}}, {"keep_num_dims", 1.0F}}) {
    Edited e(small_model());
    e.log.set_attribute(NodeId(0U), name, value, "test");
    const auto again = e.write_and_read();
    ASSERT_FALSE(again) << name;
    EXPECT_EQ(again.error().code, ErrorCode::internal);
  }
}

TEST(TfliteEdit, AddConstant) {
  Edited e(small_model());
  const ValueId id = e.log.add_constant(ScopeId(0U), "fresh", int8_constant({3}, {1, 2, 3}),
                                        QuantParams{.scales = {0.5F}, .zero_points = {}, .axis = 0}, "test");
  e.log.set_input(NodeId(0U), 2, id, "test");
  EXPECT_THAT(e.changes(), UnorderedElementsAre("Model.subgraphs[0].tensors.length", "Model.buffers.length",
                                                "Model.subgraphs[0].operators[0].inputs"));
  const auto again = read_model(e.written);
  const Value& fresh = again->graph[find_value(again->graph, "fresh")];
  EXPECT_EQ(fresh.type, (TensorType{DType::i8, Shape{3}}));
  ASSERT_TRUE(fresh.quant);
  EXPECT_THAT(fresh.quant->zero_points, ElementsAre(0));
}

TEST(TfliteEdit, SetConstantInPlace) {
  Edited e(small_model());
  e.log.set_constant(e.value("b"), int8_constant({3}, {4, 5, 6}), QuantParams{{0.5F, 1, 2}, {}, 0}, "test");
  EXPECT_THAT(e.changes(),
              UnorderedElementsAre("Model.subgraphs[0].tensors[2].type", "Model.subgraphs[0].tensors[2].quantization",
                                   "Model.buffers[2].data", "data of buffer 2"));
}

TEST(TfliteEdit, SetConstantLeavesASharedBufferAlone) {
  Edited e(small_model());
  e.log.set_constant(e.value("w"), int8_constant({3, 4}, Bytes(12, 9)), std::nullopt, "test");
  EXPECT_THAT(e.changes(), UnorderedElementsAre("Model.subgraphs[0].tensors[1].type",
                                                "Model.subgraphs[0].tensors[1].buffer", "Model.buffers.length"));
  const auto again = read_model(e.written);
  EXPECT_EQ(floats_of(again->files, again->graph[find_value(again->graph, "w2")]).back(), 12);
}

class Counting : public Generator {
 public:
  [[nodiscard]] uint64_t length() const override { return 12; }
  void produce(const Files& /*files*/, uint64_t offset, std::span<uint8_t> out) const override {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(offset++);
  }
};

TEST(TfliteEdit, EqualGeneratorsShareABufferAndTheOldOneIsReused) {
  Edited e(small_model());
  const std::shared_ptr<const Generator> generator = std::make_shared<Counting>();
  e.log.set_constant(e.value("w"), {DType::i8, {3, 4}, generator}, std::nullopt, "test");
  e.log.set_constant(e.value("w2"), {DType::i8, {3, 4}, generator}, std::nullopt, "test");
  const auto again = e.write_and_read();
  ASSERT_TRUE(again) << again.error().message;
  const auto& buffers = static_cast<const TfliteRecords&>(*again->records).buffers;
  ASSERT_EQ(buffers.size(), e.records().buffers.size() + 1);
  EXPECT_EQ(buffers[1].length, 0U) << "nobody uses the old buffer any more";
  EXPECT_EQ(bytes_of(again->files, buffers.back())[11], 11);
  EXPECT_EQ(buffers.back().offset % 16, 0U);
}

TEST(TfliteEdit, DropConstant) {
  Edited e(small_model());
  e.log.set_input(NodeId(0U), 2, ValueId(), "test");
  e.log.drop_constant(e.value("b"), "test");
  EXPECT_THAT(e.changes(),
              UnorderedElementsAre("Model.subgraphs[0].operators[0].inputs", "Model.subgraphs[0].tensors[2].buffer",
                                   "Model.buffers[2].data", "data of buffer 2"));
  EXPECT_FALSE(read_model(e.written)->graph.nodes[0].inputs[2]);
}

TEST(TfliteEdit, SetTypeWithQuantization) {
  Edited e(small_model());
  e.graph()[e.value("h")].quant = QuantParams{{0.25F}, {-3}, 0};
  e.log.set_type(e.value("h"), {DType::i8, Shape{1, 3}}, "test");
  EXPECT_THAT(e.changes(),
              UnorderedElementsAre("Model.subgraphs[0].tensors[3].type", "Model.subgraphs[0].tensors[3].quantization"));
  const auto again = read_model(e.written);
  EXPECT_EQ(again->graph[find_value(again->graph, "h")].quant, (QuantParams{{0.25F}, {-3}, 0}));
}

TEST(TfliteEdit, SetTypeWritesOpenSizesAsTheConverterDoes) {
  Edited e(small_model());
  e.log.set_type(e.value("h"), {DType::f32, Shape{-1, 3}}, "test");
  EXPECT_THAT(e.changes(), ElementsAre("Model.subgraphs[0].tensors[3].shape_signature"));
  const auto again = read_model(e.written);
  EXPECT_EQ(again->graph[find_value(again->graph, "h")].type.shape, (Shape{-1, 3}));
}

TEST(TfliteEdit, SetGraphInputMovesTheSignature) {
  Edited e(small_model());
  Node node;
  node.op = {.domain = std::string(kTfliteDomain), .type = "QUANTIZE", .version = 1, .attributes = {}};
  const NodeId id = e.log.insert_node(ScopeId(0U), NodeId(0U), node, {}, "test");
  e.graph()[id].inputs = {e.log.add_constant(ScopeId(0U), "port", int8_constant({0}, {}), std::nullopt, "test")};
  e.graph()[e.graph()[id].inputs[0]].constant.reset();
  e.log.set_graph_input(ScopeId(0U), 0, e.graph()[id].inputs[0], "test");
  const auto again = e.write_and_read();
  ASSERT_TRUE(again) << again.error().message;
  const Graph& g = again->graph;
  EXPECT_EQ(g[g.scopes[0].inputs[0]].name, "port");
  EXPECT_EQ(g.signatures[0].inputs[0].second, g.scopes[0].inputs[0]);
}

TEST(TfliteEdit, SetMetadata) {
  Edited e(small_model());
  e.log.set_metadata("min_runtime_version", "2.17.0", "test");
  EXPECT_THAT(e.changes(), UnorderedElementsAre("Model.buffers[4].data", "data of buffer 4"));
  const auto again = read_model(e.written);
  const auto& buffers = static_cast<const TfliteRecords&>(*again->records).buffers;
  EXPECT_EQ(buffers[4].length, 16U);
}

TEST(TfliteEdit, AddMetadata) {
  Edited e(small_model());
  e.log.set_metadata("note", "narrowed", "test");
  EXPECT_THAT(e.changes(), UnorderedElementsAre("Model.metadata.length", "Model.buffers.length"));
  EXPECT_EQ(read_model(e.written)->graph.metadata.back().value, "narrowed");
}

TEST(TfliteEdit, VersionsChangeACodeThatNoOtherOperatorUses) {
  Edited e(small_model());
  e.log.set_version(NodeId(0U), 12, "test");
  e.log.set_attribute(NodeId(0U), "asymmetric_quantize_inputs", int64_t{1}, "test");
  const auto again = e.write_and_read();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->graph.nodes[0].op.version, 12);
  const auto& codes = static_cast<const TfliteRecords&>(*again->records).codes;
  ASSERT_EQ(codes.size(), 2U);
  EXPECT_EQ(codes[0].version, 12);
}

TEST(TfliteEdit, VersionsGetACodeOfTheirOwnBesideOthers) {
  ModelBuilder b;
  auto& part = b.parts[0];
  const int32_t x = b.tensor(part, "x", {1});
  const int32_t y = b.tensor(part, "y", {1});
  const int32_t z = b.tensor(part, "z", {1});
  const uint32_t add = b.code(kAdd);
  b.op(part, add, {x, x}, {y});
  b.op(part, add, {y, y}, {z});
  part.inputs = {x};
  part.outputs = {z};
  Edited e(b.build());
  e.log.set_version(NodeId(0U), 2, "test");
  const auto again = e.write_and_read();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->graph.nodes[0].op.version, 2);
  EXPECT_EQ(again->graph.nodes[1].op.version, 1);
  EXPECT_EQ(static_cast<const TfliteRecords&>(*again->records).codes.size(), 2U);
}

TEST(TfliteEdit, SetOpsetIsRefused) {
  Edited e(small_model());
  e.log.set_opset("", 13, "test");
  EXPECT_EQ(e.write_and_read().error().code, ErrorCode::internal);
}

TEST(TfliteEdit, ControlDependenciesForbidAnotherOrder) {
  ModelBuilder b;
  b.add_metadata("model_control_dependencies", b.buffer({1, 2, 3}));
  Edited e(small_model(b));
  e.log.set_input(NodeId(1U), 1, e.value("h"), "test");
  EXPECT_TRUE(e.write_and_read());
  e.log.set_graph_output(ScopeId(0U), 0, e.value("h"), "test");
  e.log.drop_node(NodeId(1U), "test");
  EXPECT_EQ(e.write_and_read().error().code, ErrorCode::unsupported);
}

TEST(TfliteEdit, DataOutsideTheFlatbufferStaysOutside) {
  ModelBuilder b;
  Bytes data(12, 0x3F);
  const auto outside_buffer = [&](const Bytes& bytes) {
    Table table{.type = TableType::Buffer, .fields = {}};
    table.set(field::Buffer::offset, 0);
    table.set(field::Buffer::size, bytes.size());
    b.buffers.push_back(b.set.add_table(std::move(table)));
    b.outside.push_back({b.buffers.back(), bytes});
    return static_cast<uint32_t>(b.buffers.size() - 1);
  };
  const int32_t far = b.tensor(b.parts[0], "far", {3}, outside_buffer(data));
  const int32_t farther = b.tensor(b.parts[0], "farther", {12, 1}, outside_buffer(Bytes(48, 1)));
  ASSERT_EQ(far + farther, 1);
  Edited e(small_model(b));
  ASSERT_TRUE(e.model) << e.model.error().message;
  EXPECT_THAT(differences(e.bytes, reemit(*e.model)), IsEmpty());
  e.log.set_constant(e.value("farther"), int8_constant({12, 1}, Bytes(12, 7)), std::nullopt, "test");
  EXPECT_THAT(e.changes(),
              UnorderedElementsAre("Model.subgraphs[0].tensors[1].type", "Model.buffers[2].size", "data of buffer 2"));
  const auto again = read_model(e.written);
  EXPECT_EQ(static_cast<const TfliteRecords&>(*again->records).outside.size(), 2U);
}

}  // namespace
}  // namespace narrowcast::tflite
