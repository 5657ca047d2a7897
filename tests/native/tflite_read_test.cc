#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/tflite/operator.h"
#include "formats/tflite/zip_tail.h"
#include "ir/verify.h"
#include "tflite_compare.h"

namespace narrowcast::tflite {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TfliteRead, NamesAreUniqueInTheGraphAndUntouchedInTheFile) {
  ModelBuilder b;
  for (const char* name : {"t", "t", "t_1", "", "", "t"}) b.tensor(b.parts[0], name, {1}, b.floats({1}));
  const Bytes bytes = b.build();
  const auto model = read_model(bytes);
  ASSERT_TRUE(model) << model.error().message;
  std::vector<std::string> names;
  for (const Value& value : model->graph.values) names.push_back(value.name);
  EXPECT_THAT(names, ElementsAre("t", "t_1", "t_1_1", "", "", "t_2"));
  EXPECT_TRUE(verify(model->graph));
  EXPECT_THAT(differences(bytes, reemit(*model)), IsEmpty());
}

TEST(TfliteRead, OpenSizesComeFromTheSignature) {
  ModelBuilder b;
  const int32_t x = b.tensor(b.parts[0], "x", {1, 28});
  b.set.added_table(b.parts[0].tensors[0]).set(field::Tensor::shape_signature, add_int32s(b.set, {-1, 28}));
  b.parts[0].inputs = {x};
  const Bytes bytes = b.build();
  EXPECT_EQ(read_model(bytes)->graph.values[0].type.shape, (Shape{-1, 28}));
}

TEST(TfliteRead, ConstantsWithoutElements) {
  ModelBuilder b;
  b.tensor(b.parts[0], "axes", {0}, b.buffer({}));
  const Bytes bytes = b.build();
  const auto model = read_model(bytes);
  ASSERT_TRUE(model->graph.values[0].constant);
  EXPECT_EQ(payload_length(model->graph.values[0].constant->payload), 0U);
}

TEST(TfliteRead, VersionTwoCodesOfOldFiles) {
  ModelBuilder b;
  const uint32_t code = b.code(kFullyConnected, 4);
  b.set.added_table(b.codes[code]).erase(field::OperatorCode::builtin_code);  // files of 2020 and before
  b.op(b.parts[0], code, {}, {});
  const Bytes bytes = b.build();
  const auto model = read_model(bytes);
  EXPECT_EQ(model->graph.nodes[0].op.type, "FULLY_CONNECTED");
  EXPECT_EQ(model->graph.nodes[0].op.version, 4);
}

TEST(TfliteRead, CustomOpsShowTheirOptions) {
  ModelBuilder b;
  const uint32_t code = b.code(kCustomOperator);
  b.set.added_table(b.codes[code]).set(field::OperatorCode::custom_code, b.set.add_string("MyOp"));
  const Index op = b.op(b.parts[0], code, {}, {});
  const FieldInfo& info = table_info(TableType::Operator).fields[field::Operator::custom_options];
  const Index options = b.set.add_scalars(info, Bytes{5, 6, 7});
  b.set.added_table(op).set(field::Operator::custom_options, options);
  const Bytes bytes = b.build();
  const auto model = read_model(bytes);
  const RawOp& raw = model->graph.nodes[0].op;
  EXPECT_EQ(raw.domain, kCustomDomain);
  EXPECT_EQ(raw.type, "MyOp");
  const auto& constant = std::get<Constant>(*raw.find(kCustomOptions));
  EXPECT_THAT(payload_view(model->files, constant.payload), ElementsAre(5, 6, 7));
}

TEST(TfliteRead, BodiesAreScopesOfTheirOwn) {
  ModelBuilder b;
  b.parts.resize(3);
  const Index loop = b.op(b.parts[0], b.code(119), {}, {});
  Table& options = b.options(loop, UnionType::BuiltinOptions, TableType::WhileOptions);
  options.set(field::WhileOptions::cond_subgraph_index, 1);
  options.set(field::WhileOptions::body_subgraph_index, 2);
  const Bytes bytes = b.build();
  const auto model = read_model(bytes);
  ASSERT_TRUE(model) << model.error().message;
  const Graph& g = model->graph;
  EXPECT_THAT(g.nodes[0].bodies, ElementsAre(ScopeId(1U), ScopeId(2U)));
  EXPECT_EQ(g.scopes[1].owner, NodeId(0U));
  EXPECT_FALSE(g.scopes[1].parent) << "TFLite subgraphs do not see the values around them";
}

TEST(TfliteRead, EveryOptionsTableBelongsToAnOp) {
  // Whatever the schema's ops and options are called, ops of the table must find theirs.
  const std::pair<std::string_view, TableType> cases[] = {
      {"CONV_2D", TableType::Conv2DOptions},
      {"DEPTHWISE_CONV_2D", TableType::DepthwiseConv2DOptions},
      {"FULLY_CONNECTED", TableType::FullyConnectedOptions},
      {"AVERAGE_POOL_2D", TableType::Pool2DOptions},
      {"QUANTIZE", TableType::QuantizeOptions},
      {"DEQUANTIZE", TableType::DequantizeOptions},
      {"UNIDIRECTIONAL_SEQUENCE_LSTM", TableType::UnidirectionalSequenceLSTMOptions},
      {"REDUCE_MAX", TableType::ReducerOptions},
      {"BATCH_MATMUL", TableType::BatchMatMulOptions},
      {"STABLEHLO_COMPOSITE", TableType::StableHLOCompositeOptions},
  };
  for (const auto& [op, table] : cases) {
    ASSERT_TRUE(options_of(op)) << op;
    EXPECT_EQ(options_of(op)->table, table) << op;
  }
  EXPECT_FALSE(options_of("RELU"));
  EXPECT_FALSE(options_of("LOGISTIC"));
}

// One stored file "a" of the byte 'x', its directory counting from `base`.
Bytes archive(uint32_t base) {
  Bytes zip;
  const auto local = [&](uint32_t signature, bool central) {
    append_le(zip, signature);
    if (central) append_le(zip, uint16_t{20});
    append_le(zip, uint16_t{20});
    zip.insert(zip.end(), 8, 0);  // flags, method, time, date
    append_le(zip, uint32_t{0x8CDC1683});
    append_le(zip, uint32_t{1});
    append_le(zip, uint32_t{1});
    append_le(zip, uint16_t{1});
    append_le(zip, uint16_t{0});
  };
  local(0x04034B50, false);
  zip.push_back('a');
  zip.push_back('x');
  const auto directory = static_cast<uint32_t>(zip.size());
  local(0x02014B50, true);
  zip.insert(zip.end(), 10, 0);  // comment length, disk, attributes
  append_le(zip, base);
  zip.push_back('a');
  const auto size = static_cast<uint32_t>(zip.size()) - directory;
  append_le(zip, uint32_t{0x06054B50});
  append_le(zip, uint32_t{0});
  append_le(zip, uint16_t{1});
  append_le(zip, uint16_t{1});
  append_le(zip, size);
  append_le(zip, base + directory);
  append_le(zip, uint16_t{0});
  return zip;
}

Bytes moved(const Bytes& zip, uint32_t from, uint32_t to) {
  Bytes file(from, 1);
  file.insert(file.end(), zip.begin(), zip.end());
  const Files files{{"f", file}};
  Rope rope;
  rope.append_zeros(to);
  EXPECT_TRUE(append_tail(files, {0, from, zip.size()}, rope));
  Bytes out = flatten(files, rope);
  out.erase(out.begin(), out.begin() + to);
  return out;
}

TEST(TfliteTail, ArchivesThatCountFromTheFileMove) {
  EXPECT_EQ(moved(archive(1000), 1000, 400), archive(400));
  EXPECT_EQ(moved(archive(1000), 1000, 70000), archive(70000));
  EXPECT_EQ(moved(archive(1000), 1000, 1000), archive(1000));
}

TEST(TfliteTail, OtherBytesStay) {
  EXPECT_EQ(moved(archive(0), 1000, 400), archive(0)) << "counts from its own start";
  const Bytes text{'l', 'a', 'b', 'e', 'l', 's'};
  EXPECT_EQ(moved(text, 1000, 400), text);
  Bytes broken = archive(1000);
  broken[33] ^= 0xFF;  // the directory's signature
  EXPECT_EQ(moved(broken, 1000, 400), broken);
}

TEST(TfliteTail, IsKeptBehindAnEditedModel) {
  Bytes bytes = small_model();
  const Bytes zip = archive(static_cast<uint32_t>(bytes.size()));
  bytes.insert(bytes.end(), zip.begin(), zip.end());
  auto model = read_model(bytes);
  ASSERT_TRUE(model) << model.error().message;
  EditLog log(model->graph);
  log.set_metadata("note", "narrowed", "test");
  const auto files = write(*model, log, "");
  ASSERT_TRUE(files);
  const Bytes written = flatten(model->files, (*files)[0].rope);
  const Bytes expected = archive(static_cast<uint32_t>(written.size() - zip.size()));
  EXPECT_TRUE(std::ranges::equal(std::span(written).last(zip.size()), expected));
}

}  // namespace
}  // namespace narrowcast::tflite
