#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/plan.h"
#include "plan/sketch_test.h"

namespace narrowcast {
namespace {

using ::testing::HasSubstr;

using testing::Sketch;

const WeightVerdict& verdict_on(const Plan& plan, ValueId id) {
  for (const WeightVerdict& verdict : plan.constants) {
    if (verdict.source == id) return verdict;
  }
  ADD_FAILURE() << "no verdict";
  return plan.constants.front();
}

TEST(Planner, CutsAlongTheOutputsAxis) {
  Sketch sketch("onnx");
  const ValueId w = sketch.constant("w", DType::f32, {64, 32});
  sketch.node("MatMul", {sketch.input("x", {1, 64}), w});
  const Plan plan = sketch.plan();
  ASSERT_EQ(plan.weights.size(), 1);
  EXPECT_EQ(plan.weights[0].cut, Cut::per_channel);
  EXPECT_EQ(plan.weights[0].axis, 1);
  EXPECT_EQ(plan.weights[0].channels.channels, 32);
}

TEST(Planner, FindsTheAxisBehindATranspose) {
  Sketch sketch("onnx");
  const ValueId w = sketch.constant("w", DType::f32, {32, 64});
  const ValueId turned = sketch.node("Transpose", {w}, {{"perm", std::vector<int64_t>{1, 0}}});
  sketch.node("MatMul", {sketch.input("x", {1, 64}), turned});
  const Plan plan = sketch.plan();
  ASSERT_EQ(plan.weights.size(), 1);
  EXPECT_EQ(plan.weights[0].axis, 0);
}

TEST(Planner, LeavesAWeightThatIsAlsoReadAsData) {
  Sketch sketch("onnx");
  const ValueId w = sketch.constant("w", DType::f32, {64, 64});
  const ValueId x = sketch.input("x", {1, 64});
  sketch.node("MatMul", {x, w});
  sketch.node("Add", {x, sketch.node("Identity", {w})});
  const Plan plan = sketch.plan();
  EXPECT_TRUE(plan.weights.empty());
  EXPECT_THAT(verdict_on(plan, w).reason, HasSubstr("also read by 'the_Add"));
}

TEST(Planner, FollowsAWeightThroughItsParts) {
  Sketch sketch("onnx");
  const ValueId w = sketch.constant("w", DType::f32, {64, 64});
  const auto half = [&](int64_t from) {
    const auto at = [&](int64_t number, const std::string& name) {
      const ValueId id = sketch.constant(name, DType::i64, {1});
      Bytes bytes;
      append_le(bytes, number);
      sketch.graph()[id].constant->payload = bytes;
      return id;
    };
    const std::string tag = std::to_string(from);
    return sketch.node("Slice", {w, at(from, "from" + tag), at(from + 32, "to" + tag), at(0, "axis" + tag)});
  };
  const ValueId parts = sketch.node("Concat", {half(32), half(0)}, {{"axis", int64_t{0}}});
  sketch.node("MatMul", {sketch.input("x", {1, 64}), parts});
  const Plan plan = sketch.plan();
  ASSERT_EQ(plan.weights.size(), 1);
  EXPECT_EQ(plan.weights[0].source, w);
  EXPECT_EQ(plan.weights[0].readers.size(), 2);
}

TEST(Planner, BlocksDivideTheSumWhereTheOpsetHasNone) {
  for (const auto& [opset, block] : {std::pair<int64_t, std::size_t>{17, 25}, {21, 32}}) {
    Sketch sketch("onnx", opset);
    const ValueId w = sketch.constant("w", DType::f32, {100, 64});
    sketch.node("MatMul", {sketch.input("x", {1, 100}), w});
    const Plan plan = sketch.plan({.weights = DType::i4});
    ASSERT_EQ(plan.weights.size(), 1) << opset;
    EXPECT_EQ(plan.weights[0].cut, Cut::per_block);
    EXPECT_EQ(plan.weights[0].blocks.block_size, block);
    EXPECT_EQ(plan.weights[0].blocks.inner, 64);
  }
}

TEST(Planner, ConvolutionBlocksRunOverChannelsAndWindow) {
  Sketch sketch("onnx", 21);
  const ValueId w = sketch.constant("w", DType::f32, {16, 8, 3, 3});
  sketch.node("Conv", {sketch.input("x", {1, 8, 9, 9}), w});
  const Plan plan = sketch.plan({.weights = DType::i4});
  ASSERT_EQ(plan.weights.size(), 1);
  EXPECT_EQ(plan.weights[0].blocks.outer, 16);
  EXPECT_EQ(plan.weights[0].blocks.k, 72);
}

TEST(Planner, KeepsTheBiasOfAnOpThatComputesInIntegers) {
  Sketch sketch("tflite");
  const ValueId w = sketch.constant("w", DType::i8, {1024, 8});
  sketch.graph()[w].quant = QuantParams{.scales = {0.5F}, .zero_points = {0}, .axis = 0};
  const ValueId bias = sketch.constant("bias", DType::f32, {1024});
  sketch.node("FULLY_CONNECTED", {sketch.input("x", {1, 8}), w, bias});
  const Plan plan = sketch.plan({.mode = Mode::float16});
  EXPECT_TRUE(plan.weights.empty());
  EXPECT_TRUE(plan.already_quantized);
  EXPECT_THAT(verdict_on(plan, bias).reason, HasSubstr("integer weights already"));
}

TEST(Planner, ChoosesByNameAndType) {
  Sketch sketch("onnx");
  const ValueId x = sketch.input("x", {1, 64});
  const ValueId first = sketch.constant("head.weight", DType::f32, {64, 64});
  const ValueId second = sketch.constant("body.weight", DType::f32, {64, 64});
  sketch.node("MatMul", {x, first});
  sketch.node("Gemm", {x, second});
  EXPECT_EQ(sketch.plan().weights.size(), 2);
  EXPECT_EQ(sketch.plan({.exclude = {"head.*"}}).weights[0].source, second);
  EXPECT_EQ(sketch.plan({.only = {"head.*"}}).weights[0].source, first);
  EXPECT_EQ(sketch.plan({.op_types = {"Gemm"}}).weights[0].source, second);
  EXPECT_THAT(verdict_on(sketch.plan({.op_types = {"Gemm"}}), first).reason, HasSubstr("MatMul"));
}

TEST(Glob, StarsAndQuestionMarks) {
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("a*c", "abbc"));
  EXPECT_TRUE(glob_matches("*head*", "the/head/conv"));
  EXPECT_TRUE(glob_matches("conv?", "conv1"));
  EXPECT_FALSE(glob_matches("conv?", "conv12"));
  EXPECT_FALSE(glob_matches("a*c", "abcd"));
  EXPECT_TRUE(glob_matches("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaab"));
}

TEST(Recipe, SaysWhichKeyIsWrong) {
  EXPECT_EQ(parse_recipe("[]").error().code, ErrorCode::usage);
  EXPECT_EQ(parse_recipe(R"({"mod":"float16"})").error().where, "mod");
  EXPECT_EQ(parse_recipe(R"({"block_size":33})").error().where, "block_size");
  EXPECT_EQ(parse_recipe(R"({"weights":"int3"})").error().where, "weights");
  EXPECT_EQ(parse_recipe(R"({"style":"qoperator","block_size":48})").error().where, "block_size");
  EXPECT_TRUE(parse_recipe(R"({"mode":"float16","only":["a"]})"));
}

}  // namespace
}  // namespace narrowcast
