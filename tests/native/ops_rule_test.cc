// Which operands the rules call weights, and how they cut them.
#include <gtest/gtest.h>

#include "ops/op.h"

namespace narrowcast::ops {
namespace {

struct Expected {
  std::size_t slot;
  Role role;
  WeightAxes axes;
};

struct Case {
  RawOp op;
  std::vector<Shape> operands;
  std::vector<Expected> expected;
};

RawOp onnx(std::string type, std::vector<Attribute> attributes = {}) {
  return {"", std::move(type), 17, std::move(attributes)};
}
RawOp lite(std::string type) { return {std::string(kTfliteDomain), std::move(type), 1, {}}; }

void expect_roles(const Case& test) {
  SCOPED_TRACE(test.op.type);
  const OpDef* def = find_op(test.op);
  ASSERT_NE(def, nullptr);
  ASSERT_NE(def->rule, nullptr);
  std::vector<TensorType> types;
  for (const Shape& shape : test.operands) types.push_back({DType::f32, shape});
  const Rule rule = def->rule({test.op, types});
  for (const Expected& one : test.expected) {
    SCOPED_TRACE("operand " + std::to_string(one.slot));
    const OperandRule found = one.slot < rule.operands.size() ? rule.operands[one.slot] : OperandRule{};
    EXPECT_EQ(found.role, one.role);
    if (one.role != Role::weight) continue;
    EXPECT_EQ(found.axes.channel, one.axes.channel);
    EXPECT_EQ(found.axes.reduce_begin, one.axes.reduce_begin);
    EXPECT_EQ(found.axes.reduce_end, one.axes.reduce_end);
  }
}

constexpr Role kData = Role::data;
constexpr Role kWeight = Role::weight;
constexpr Role kBias = Role::bias;
constexpr Role kPlain = Role::plain;

TEST(Rules, OnnxWeights) {
  expect_roles(
      {onnx("Conv"), {{1, 3, 8, 8}, {4, 3, 2, 2}, {4}}, {{0, kData, {}}, {1, kWeight, {0, 1, 4}}, {2, kBias, {}}}});
  expect_roles({onnx("ConvTranspose"), {{1, 3, 8, 8}, {3, 4, 2, 2}}, {{1, kWeight, {1, 0, 1}}}});
  expect_roles({onnx("MatMul"), {{2, 3, 4}, {4, 5}}, {{1, kWeight, {1, 0, 1}}}});
  expect_roles(
      {onnx("Gemm", {{"transB", int64_t{1}}}), {{2, 4}, {5, 4}, {5}}, {{1, kWeight, {0, 1, 2}}, {2, kBias, {}}}});
  for (const char* type : {"LSTM", "GRU", "RNN"}) {
    expect_roles({onnx(type),
                  {{5, 1, 3}, {2, 16, 3}, {2, 16, 4}, {2, 32}, {1}, {2, 1, 4}},
                  {{0, kData, {}},
                   {1, kWeight, {1, 2, 3}},
                   {2, kWeight, {1, 2, 3}},
                   {3, kBias, {}},
                   {4, kPlain, {}},
                   {5, kData, {}}}});
  }
}

TEST(Rules, EmbeddingTablesAreWeights) {
  expect_roles({onnx("Gather"), {{100, 16}, {7}}, {{0, kWeight, {0, 1, 2}}, {1, kPlain, {}}}});
  expect_roles({onnx("Gather", {{"axis", int64_t{1}}}), {{100, 16}, {7}}, {{0, kData, {}}}});
  expect_roles({onnx("Gather"), {{100}, {7}}, {{0, kData, {}}}});
  expect_roles({lite("GATHER"), {{100, 16}, {7}}, {{0, kWeight, {0, 1, 2}}}});
  expect_roles({lite("EMBEDDING_LOOKUP"), {{7}, {100, 16}}, {{0, kPlain, {}}, {1, kWeight, {0, 1, 2}}}});
}

TEST(Rules, TfliteWeights) {
  expect_roles({lite("CONV_2D"), {{1, 8, 8, 3}, {4, 2, 2, 3}, {4}}, {{1, kWeight, {0, 1, 4}}, {2, kBias, {}}}});
  expect_roles({lite("DEPTHWISE_CONV_2D"), {{1, 8, 8, 3}, {1, 2, 2, 3}, {3}}, {{1, kWeight, {3, 1, 3}}}});
  expect_roles({lite("FULLY_CONNECTED"), {{1, 8}, {4, 8}, {4}}, {{1, kWeight, {0, 1, 2}}, {2, kBias, {}}}});
  expect_roles({lite("TRANSPOSE_CONV"), {{4}, {4, 2, 2, 3}, {1, 8, 8, 3}}, {{0, kPlain, {}}, {1, kWeight, {0, 1, 4}}}});
  expect_roles({lite("SVDF"),
                {{1, 8}, {6, 8}, {6, 10}, {3}},
                {{1, kWeight, {0, 1, 2}}, {2, kWeight, {0, 1, 2}}, {3, kBias, {}}}});
  Case lstm{lite("UNIDIRECTIONAL_SEQUENCE_LSTM"),
            {},
            {{0, kData, {}}, {9, kWeight, {0, 0, 1}}, {11, kWeight, {0, 0, 1}}, {18, kData, {}}}};
  for (std::size_t slot = 1; slot <= 8; ++slot) lstm.expected.push_back({slot, kWeight, {0, 1, 2}});
  for (std::size_t slot = 12; slot <= 15; ++slot) lstm.expected.push_back({slot, kBias, {}});
  lstm.expected.push_back({16, kWeight, {0, 1, 2}});
  lstm.expected.push_back({17, kBias, {}});
  expect_roles(lstm);
}

TEST(Rules, ExactOperandsArePlain) {
  expect_roles(
      {onnx("Resize"), {{1, 3, 8, 8}, {8}, {4}}, {{0, kData, {}}, {1, kPlain, {}}, {2, kPlain, {}}, {3, kPlain, {}}}});
  expect_roles({onnx("Upsample"), {{1, 3, 8, 8}, {4}}, {{1, kPlain, {}}}});
  expect_roles({onnx("Clip"), {{8}, {}, {}}, {{0, kData, {}}, {1, kPlain, {}}, {2, kPlain, {}}}});
  expect_roles({onnx("Pad"), {{8}, {2}, {}}, {{0, kData, {}}, {2, kPlain, {}}}});
  expect_roles({onnx("Range"), {{}, {}, {}}, {{0, kPlain, {}}, {1, kPlain, {}}, {2, kPlain, {}}}});
  expect_roles({onnx("OneHot"), {{4}, {}, {2}}, {{2, kPlain, {}}}});
  expect_roles({onnx("NonMaxSuppression"),
                {{1, 9, 4}, {1, 2, 9}, {}, {}, {}},
                {{1, kData, {}}, {3, kPlain, {}}, {4, kPlain, {}}}});
  expect_roles(
      {onnx("BatchNormalization"), {{1, 3}, {3}, {3}, {3}, {3}}, {{0, kData, {}}, {1, kPlain, {}}, {4, kPlain, {}}}});
  expect_roles({onnx("PRelu"), {{1, 3}, {3}}, {{1, kData, {}}}});
  expect_roles({lite("PRELU"), {{1, 3}, {3}}, {{1, kData, {}}}});
  expect_roles({lite("PADV2"), {{1, 3}, {2, 2}, {1}}, {{2, kPlain, {}}}});
}

struct Version {
  RawOp op;
  std::vector<DType> operands;
  bool per_channel;
  int expected;
};

TEST(TfliteVersions, FollowTheOperands) {
  const auto with = [](RawOp op, const char* name, int64_t value) {
    op.attributes.push_back({name, value});
    return op;
  };
  const DType f32 = DType::f32;
  const Version cases[] = {
      {lite("CONV_2D"), {f32, f32, f32}, false, 1},
      {lite("CONV_2D"), {f32, DType::i8, f32}, false, 2},
      {lite("CONV_2D"), {f32, DType::i8, f32}, true, 5},
      {lite("CONV_2D"), {DType::i8, DType::i8, DType::i32}, true, 3},
      {lite("DEPTHWISE_CONV_2D"), {f32, f32, f32}, false, 1},
      {with(lite("DEPTHWISE_CONV_2D"), "dilation_h_factor", 2), {f32, f32, f32}, false, 2},
      {lite("DEPTHWISE_CONV_2D"), {f32, DType::i8, f32}, true, 6},
      {lite("FULLY_CONNECTED"), {f32, f32, f32}, false, 1},
      {with(lite("FULLY_CONNECTED"), "keep_num_dims", 1), {f32, f32, f32}, false, 5},
      {lite("FULLY_CONNECTED"), {f32, f32}, false, 6},
      {lite("FULLY_CONNECTED"), {f32, DType::i8, f32}, true, 12},
      {lite("FULLY_CONNECTED"), {f32, DType::i8, f32}, false, 3},
      {with(lite("FULLY_CONNECTED"), "asymmetric_quantize_inputs", 1), {f32, DType::i8, f32}, false, 9},
      {lite("FULLY_CONNECTED"), {DType::i8, DType::i8, DType::i32}, true, 4},
      {with(lite("BATCH_MATMUL"), "asymmetric_quantize_inputs", 1), {f32, DType::i8}, false, 4},
      {lite("EMBEDDING_LOOKUP"), {DType::i32, DType::i8}, true, 4},
      {with(lite("SVDF"), "asymmetric_quantize_inputs", 1), {f32, DType::i8, DType::i8, f32, f32}, false, 4},
      {with(lite("UNIDIRECTIONAL_SEQUENCE_LSTM"), "asymmetric_quantize_inputs", 1), {f32, f32, DType::i8}, false, 3},
      {lite("RESHAPE"), {f32, DType::i32}, false, 1},
      {lite("DEQUANTIZE"), {DType::i8}, false, 2},
      {lite("DEQUANTIZE"), {DType::i8}, true, 5},
      {lite("DEQUANTIZE"), {DType::f16}, false, 3},
      {lite("DEQUANTIZE"), {DType::i4}, false, 6},
  };
  for (const Version& one : cases) {
    std::vector<TensorType> types;
    for (const DType dtype : one.operands) types.push_back({dtype, Shape{1, 2, 2, 3}});
    const std::vector<uint8_t> per_channel(types.size(), one.per_channel ? 1 : 0);
    const OpDef* def = find_op(one.op);
    ASSERT_NE(def->tflite_version, nullptr) << one.op.type;
    EXPECT_EQ(def->tflite_version({one.op, types, per_channel}), one.expected) << one.op.type;
  }
}

}  // namespace
}  // namespace narrowcast::ops
