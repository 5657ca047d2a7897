#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocation_meter.h"
#include "formats/tflite/budget.h"
#include "tflite_compare.h"

namespace narrowcast::tflite {
namespace {

using ::testing::HasSubstr;

Bytes pack(const std::vector<uint32_t>& words) {
  Bytes bytes;
  for (const uint32_t word : words) append_le(bytes, word);
  std::memcpy(bytes.data() + 4, "TFL3", 4);
  return bytes;
}

void expect_error(ByteView bytes, ErrorCode code, std::string_view message) {
  const auto model = read_model(bytes);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, code) << model.error().message;
  EXPECT_THAT(model.error().message, HasSubstr(std::string(message)));
}

// A file of one Model table at byte 24: its vtable at 8 has `fields` (slot, offset in the table).
struct OneTable {
  std::vector<uint16_t> vtable;
  std::vector<uint32_t> words;  // of the table, after its vtable offset

  [[nodiscard]] Bytes build() const {
    Bytes bytes;
    append_le(bytes, uint32_t{40});
    for (const char c : {'T', 'F', 'L', '3'}) bytes.push_back(static_cast<uint8_t>(c));
    for (const uint16_t half : vtable) append_le(bytes, half);
    bytes.resize(40, 0);
    append_le(bytes, int32_t{32});
    for (const uint32_t word : words) append_le(bytes, word);
    return bytes;
  }
};

TEST(TfliteHostile, NotAModel) {
  EXPECT_FALSE(sniff(Bytes{1, 2, 3}));
  EXPECT_FALSE(sniff(Bytes(100, 0)));
  expect_error(Bytes{}, ErrorCode::malformed, "not a TFLite model");
  expect_error(pack({0xFFFFFFF0, 0}), ErrorCode::malformed, "offset");
  expect_error(pack({0, 0}), ErrorCode::malformed, "offset");
  expect_error(pack({5, 0, 0, 0}), ErrorCode::malformed, "offset");
}

TEST(TfliteHostile, VtableOutsideTheFile) {
  Bytes bytes = OneTable{{6, 8, 4}, {3}}.build();
  EXPECT_FALSE(read_model(bytes)) << "no subgraphs";
  for (const int32_t soffset : {41, INT32_MAX, INT32_MIN, -100, 33}) {
    store_le(bytes.data() + 40, soffset);
    expect_error(bytes, ErrorCode::malformed, "vtable");
  }
}

TEST(TfliteHostile, ImpossibleSizes) {
  expect_error(OneTable{{2, 8}, {3}}.build(), ErrorCode::malformed, "impossible size");
  expect_error(OneTable{{7, 8, 4}, {3}}.build(), ErrorCode::malformed, "impossible size");
  expect_error(OneTable{{6, 2, 4}, {3}}.build(), ErrorCode::malformed, "impossible size");
  expect_error(OneTable{{6, 200, 4}, {3}}.build(), ErrorCode::malformed, "impossible size");
  expect_error(OneTable{{6, 8, 8}, {3}}.build(), ErrorCode::malformed, "outside its table");
  expect_error(OneTable{{6, 8, 2}, {3}}.build(), ErrorCode::malformed, "outside its table");
  expect_error(OneTable{{8, 8, 4, 4}, {3}}.build(), ErrorCode::malformed,
               "outside its table");  // two fields, one place
}

TEST(TfliteHostile, FieldsBeyondTheSchemaAreRefusedByName) {
  std::vector<uint16_t> vtable(12, 0);
  vtable[0] = 24;
  vtable[1] = 8;
  vtable[10 + 1] = 0;
  OneTable known{vtable, {3}};
  known.vtable[11] = 4;  // slot 9: external_buffers, an offset
  expect_error(known.build(), ErrorCode::malformed, "offset");
  vtable.push_back(4);  // slot 10
  vtable[0] = 26;
  expect_error(OneTable{vtable, {3}}.build(), ErrorCode::unsupported, "Model has a field 10");
  vtable.back() = 0;  // only declared, not present
  expect_error(OneTable{vtable, {3}}.build(), ErrorCode::unsupported, "version 0");
}

TEST(TfliteHostile, HugeVectors) {
  // subgraphs (slot 2) at byte 44 points to 48: a length that the file does not have.
  const OneTable table{{10, 8, 0, 0, 4}, {4, 0x40000000}};
  expect_error(table.build(), ErrorCode::malformed, "longer than the file");
}

TEST(TfliteHostile, CyclesEnd) {
  // A list whose entry points back to the list itself, read as a SubGraph.
  Bytes bytes = OneTable{{10, 8, 0, 0, 4}, {4, 1, 0xFFFFFFFC}}.build();
  expect_error(bytes, ErrorCode::malformed, "offset");
}

TEST(TfliteHostile, StringsEnd) {
  Bytes bytes = OneTable{{12, 8, 0, 0, 0, 4}, {4, 4, 0x61616161}}.build();
  expect_error(bytes, ErrorCode::malformed, "zero byte");
}

// What reading may allocate: the budget, and what vectors hold in reserve while they grow.
void expect_bounded_error(ByteView bytes) {
  testing::reset_allocation_peak();
  expect_error(bytes, ErrorCode::malformed, "outgrow");
  EXPECT_LE(testing::allocation_peak(), 3 * (Budget::kBase + Budget::kFactor * bytes.size()));
}

TEST(TfliteHostile, SharedRecordsCannotOutgrowTheFile) {
  // Many list entries point to one tensor with a long name.
  ModelBuilder b;
  auto& part = b.parts[0];
  b.tensor(part, std::string(200000, 'x'), {1});
  part.tensors.resize(50000, part.tensors[0]);
  const Bytes bytes = b.build();
  ASSERT_LT(bytes.size(), 500000U);
  expect_bounded_error(bytes);
}

TEST(TfliteHostile, SharedOperatorsCannotOutgrowTheFile) {
  ModelBuilder b;
  auto& part = b.parts[0];
  const int32_t x = b.tensor(part, "x", {1});
  b.op(part, b.code(kAdd), std::vector<int32_t>(50000, x), {});
  part.operators.resize(50000, part.operators[0]);
  expect_bounded_error(b.build());
}

TEST(TfliteHostile, AbsurdSizes) {
  for (const std::vector<int32_t>& shape : std::vector<std::vector<int32_t>>{{INT32_MAX, INT32_MAX, INT32_MAX},
                                                                             {INT32_MAX, INT32_MAX, 2},
                                                                             {2, 3},
                                                                             {},
                                                                             {-1, 3},
                                                                             {-5, 1},
                                                                             {0, INT32_MIN}}) {
    ModelBuilder b;
    b.tensor(b.parts[0], "w", shape, b.floats({1, 2, 3}));
    const auto model = read_model(b.build());
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().code, ErrorCode::malformed);
    EXPECT_EQ(model.error().where, "w");
  }
}

TEST(TfliteHostile, NumbersOutOfRange) {
  struct Case {
    const char* message;
    void (*spoil)(ModelBuilder&);
  };
  const Case cases[] = {
      {"code does not exist", [](ModelBuilder& b) { b.op(b.parts[0], 7, {}, {}); }},
      {"Tensor 99", [](ModelBuilder& b) { b.op(b.parts[0], b.code(kAdd), {99}, {}); }},
      {"Tensor -2", [](ModelBuilder& b) { b.op(b.parts[0], b.code(kAdd), {-2}, {}); }},
      {"buffer does not exist", [](ModelBuilder& b) { b.tensor(b.parts[0], "t", {1}, 99); }},
      {"metadata's buffer", [](ModelBuilder& b) { b.add_metadata("m", 99); }},
      {"signature's subgraph", [](ModelBuilder& b) { b.signature("s", 5, {}, {}); }},
      {"Tensor 44", [](ModelBuilder& b) { b.signature("s", 0, {44}, {}); }},
      {"Two operators", [](ModelBuilder& b) { b.op(b.parts[0], b.code(kAdd), {}, {0}), b.op(b.parts[0], 0, {}, {0}); }},
      {"cycle", [](ModelBuilder& b) { b.op(b.parts[0], b.code(kAdd), {0}, {0}); }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.message);
    ModelBuilder b;
    b.tensor(b.parts[0], "first", {1});
    c.spoil(b);
    expect_error(b.build(), ErrorCode::malformed, c.message);
  }
}

TEST(TfliteHostile, SubgraphsThatCallThemselves) {
  ModelBuilder b;
  const Index loop = b.op(b.parts[0], b.code(119), {}, {});
  b.options(loop, UnionType::BuiltinOptions, TableType::WhileOptions);  // both subgraphs are 0
  expect_error(b.build(), ErrorCode::malformed, "calls itself");
}

TEST(TfliteHostile, SubgraphsTooDeep) {
  ModelBuilder b;
  b.parts.resize(100);
  const uint32_t code = b.code(129);
  for (std::size_t i = 0; i + 1 < b.parts.size(); ++i) {
    const Index call = b.op(b.parts[i], code, {}, {});
    b.options(call, UnionType::BuiltinOptions, TableType::CallOnceOptions)
        .set(field::CallOnceOptions::init_subgraph_index, i + 1);
  }
  expect_error(b.build(), ErrorCode::malformed, "deep");
}

TEST(TfliteHostile, UnknownUnionMembersAreRefusedByName) {
  ModelBuilder b;
  const Index op = b.op(b.parts[0], b.code(kAdd), {}, {});
  b.options(op, UnionType::BuiltinOptions, TableType::AddOptions);
  b.set.added_table(op).set(field::Operator::builtin_options_type, 200);
  expect_error(b.build(), ErrorCode::unsupported, "Operator.builtin_options has type 200");
}

TEST(TfliteHostile, UnknownOperatorsAreCarriedAlong) {
  ModelBuilder b;
  b.op(b.parts[0], b.code(5000), {}, {});
  const Bytes bytes = b.build();
  const auto model = read_model(bytes);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->graph.nodes[0].op.type, "BUILTIN_5000");
  EXPECT_TRUE(differences(bytes, reemit(*model)).empty());
}

// Neither a cut nor a wrong word anywhere in a file may do more than give an error.
TEST(TfliteHostile, CutFiles) {
  const Bytes bytes = small_model();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
    const auto model = read_model(cut);
    if (model) {
      EXPECT_FALSE(reemit(*model).empty());
    }
  }
}

TEST(TfliteHostile, SpoiltWords) {
  const Bytes bytes = small_model();
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 2) {
    const auto old = load_le<uint32_t>(bytes.data() + at);
    for (const uint32_t word : {0U, 1U, old + 1, old + 4, old - 4, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU, ~old,
                                static_cast<uint32_t>(bytes.size() - at), static_cast<uint32_t>(at)}) {
      Bytes spoilt = bytes;
      store_le(spoilt.data() + at, word);
      const auto model = read_model(spoilt);
      if (model) {
        EXPECT_FALSE(reemit(*model).empty());
      }
    }
  }
}

TEST(TfliteHostile, SpoiltRealModels) {
  for (const auto& path : real_models()) {
    if (path.filename() != "two_signatures.tflite" && path.filename() != "hello_world_float.tflite") continue;
    const Bytes bytes = read_bytes(path);
    for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
      for (const uint32_t word : {0U, 1U, 0x7FFFFFFFU, 0xFFFFFFFFU, static_cast<uint32_t>(bytes.size() - at)}) {
        Bytes spoilt = bytes;
        store_le(spoilt.data() + at, word);
        const auto model = read_model(spoilt);
        if (model) {
          EXPECT_FALSE(reemit(*model).empty());
        }
      }
    }
  }
}

}  // namespace
}  // namespace narrowcast::tflite
