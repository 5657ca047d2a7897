#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "plan/conditions.h"
#include "plan/plan.h"
#include "plan/sketch_test.h"
#include "plan/target.h"

namespace narrowcast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Sketch;

Recipe full_integer(std::string target = "portable") {
  Recipe recipe;
  recipe.mode = Mode::full_integer;
  recipe.target = std::move(target);
  return recipe;
}

std::vector<ValueId> watched(Sketch& sketch, const Recipe& recipe) { return *watched_values(sketch.model(), recipe); }

Plan plan(Sketch& sketch, const Recipe& recipe, calib::Range range = {-1, 2}) {
  KnownRanges ranges(sketch.graph().values.size());
  for (const ValueId value : watched(sketch, recipe)) ranges[value.index] = KnownRange{range};
  return sketch.plan(recipe, ranges);
}

const ActivationPlan* of(const Plan& plan, ValueId value) {
  const auto found = std::ranges::find(plan.activations, value, &ActivationPlan::value);
  return found == plan.activations.end() ? nullptr : &*found;
}

std::string reason(const Plan& plan, Sketch& sketch, ValueId output) {
  const auto found = std::ranges::find(plan.nodes, sketch.graph()[output].producer, &NodeVerdict::node);
  return std::string(verdict_name(found->verdict)) + ": " + found->reason;
}

// x -> Conv -> c
struct Convolution {
  Sketch sketch{"onnx"};
  ValueId x = sketch.input("x", {1, 3, 8, 8});
  ValueId w = sketch.constant("w", DType::f32, {4, 3, 3, 3});
  ValueId b = sketch.constant("b", DType::f32, {4});
  ValueId c = sketch.node("Conv", {x, w, b});
};

TEST(IntegerPlanner, ScalesAreOnnxruntimes) {
  Convolution conv;
  conv.sketch.output(conv.c);
  const Plan result = plan(conv.sketch, full_integer());
  // onnx.md 1.2: uint8, not symmetric, (-1, 2).
  EXPECT_EQ(of(result, conv.x)->scale, 0x1.8181820p-7F);
  EXPECT_EQ(of(result, conv.x)->zero_point, 85);
  Recipe symmetric = full_integer();
  symmetric.activations = DType::i8;
  symmetric.symmetric = true;
  EXPECT_EQ(of(plan(conv.sketch, symmetric), conv.x)->scale, 0x1.0204080p-6F);
}

TEST(IntegerPlanner, ABiasTakesItsOpsScales) {
  Convolution conv;
  const Plan result = plan(conv.sketch, full_integer());
  ASSERT_EQ(result.weights.size(), 1);
  EXPECT_EQ(result.weights[0].cut, Cut::per_channel);
  ASSERT_EQ(result.weights[0].biases.size(), 1);
  EXPECT_EQ(result.weights[0].biases[0].source, conv.b);
  EXPECT_EQ(result.weights[0].biases[0].activation_scale, of(result, conv.x)->scale);
}

TEST(IntegerPlanner, AClampVanishesInTheCodes) {
  Convolution conv;
  const ValueId r = conv.sketch.node("Relu", {conv.c});
  conv.sketch.output(r);
  EXPECT_THAT(watched(conv.sketch, full_integer()), ElementsAre(conv.x, r));
  const Plan result = plan(conv.sketch, full_integer());
  EXPECT_EQ(of(result, conv.c), nullptr);
  EXPECT_EQ(of(result, r)->maker, conv.sketch.graph()[conv.c].producer);
  EXPECT_EQ(of(result, r)->absorbed, conv.sketch.graph()[r].producer);
  EXPECT_EQ(of(result, r)->zero_point, 0);
  EXPECT_EQ(of(result, r)->chosen, (calib::Range{0, 2}));
}

TEST(IntegerPlanner, AClampStaysBehindSymmetricCodesAndBesideOtherReaders) {
  Recipe recipe = full_integer();
  recipe.symmetric = true;
  Convolution conv;
  const ValueId r = conv.sketch.node("Relu", {conv.c});
  EXPECT_THAT(reason(plan(conv.sketch, recipe), conv.sketch, r), HasSubstr("float: portable: symmetric"));
  conv.sketch.output(conv.c);
  EXPECT_THAT(reason(plan(conv.sketch, full_integer()), conv.sketch, r), HasSubstr("others read"));
}

TEST(IntegerPlanner, WhatSelectsSharesItsOperandsScale) {
  Convolution conv;
  const ValueId pooled = conv.sketch.node("MaxPool", {conv.c}, {{"kernel_shape", std::vector<int64_t>{2, 2}}});
  const ValueId flat = conv.sketch.node("Flatten", {pooled});
  const ValueId last = conv.sketch.node("Gemm", {flat, conv.sketch.constant("w2", DType::f32, {36, 64})});
  conv.sketch.output(last);
  EXPECT_THAT(watched(conv.sketch, full_integer()), ElementsAre(conv.x, conv.c, last));
  EXPECT_EQ(of(plan(conv.sketch, full_integer()), flat)->like, conv.c);
}

TEST(IntegerPlanner, WhatConvertingWouldCostMoreThanItGainsStaysInFloat) {
  Convolution conv;
  const ValueId again = conv.sketch.node("Conv", {conv.x, conv.sketch.constant("w2", DType::f32, {4, 3, 3, 3})});
  const ValueId joined = conv.sketch.node("Add", {conv.c, again});
  const ValueId last = conv.sketch.node("Conv", {joined, conv.sketch.constant("w3", DType::f32, {9, 4, 3, 3})});
  const ValueId tanh = conv.sketch.node("Tanh", {conv.sketch.input("far", {1, 4, 6, 6})});
  const ValueId alone = conv.sketch.node("Sigmoid", {tanh});
  conv.sketch.output(last);
  conv.sketch.output(alone);
  const Plan result = plan(conv.sketch, full_integer());
  EXPECT_EQ(reason(result, conv.sketch, joined), "quantized: portable: QLinearAdd");
  EXPECT_THAT(reason(result, conv.sketch, alone), HasSubstr("its neighbours compute in float"));
  EXPECT_THAT(reason(result, conv.sketch, tanh), HasSubstr("no integer kernel for Tanh"));
  EXPECT_EQ(of(result, tanh), nullptr);
  Recipe widest = full_integer();
  widest.placement = Placing::widest;
  EXPECT_THAT(reason(plan(conv.sketch, widest), conv.sketch, alone), HasSubstr("QLinearSigmoid"));
}

TEST(IntegerPlanner, TargetsDiffer) {
  Sketch sketch("onnx");
  const ValueId x = sketch.input("x", {1, 4, 8, 8});
  const ValueId dense = sketch.node("Conv", {x, sketch.constant("w1", DType::f32, {4, 4, 3, 3})});
  const ValueId depthwise =
      sketch.node("Conv", {dense, sketch.constant("w2", DType::f32, {4, 1, 3, 3})}, {{"group", int64_t{4}}});
  sketch.output(depthwise);
  EXPECT_THAT(reason(plan(sketch, full_integer("ort-cpu-x86-vnni")), sketch, dense), HasSubstr("quantized"));
  EXPECT_THAT(reason(plan(sketch, full_integer("ort-web-wasm")), sketch, dense), HasSubstr("quantized"));
  EXPECT_THAT(reason(plan(sketch, full_integer("ort-web-wasm")), sketch, depthwise), HasSubstr("float is faster"));
  EXPECT_TRUE(plan(sketch, full_integer("ort-cpu-x86")).weights[0].reduce_range);
  EXPECT_EQ(of(plan(sketch, full_integer("ort-cpu-arm")), x)->dtype, DType::i8);
  EXPECT_TRUE(plan(sketch, full_integer("ort-web-webgpu")).weights.empty());
}

// onnxruntime narrows such weights by itself, all with one scale.
TEST(IntegerPlanner, NoFloatWeightLiesBetweenCodes) {
  Sketch sketch("onnx");
  const ValueId x = sketch.input("x", {1, 16, 8, 8});
  const ValueId before = sketch.node("Conv", {x, sketch.constant("w1", DType::f32, {16, 16, 3, 3})});
  const ValueId kept = sketch.node("Conv", {before, sketch.constant("w2", DType::f32, {16, 16, 3, 3})});
  const ValueId behind = sketch.node("Conv", {kept, sketch.constant("w3", DType::f32, {16, 16, 3, 3})});
  sketch.output(behind);
  Recipe recipe = full_integer();
  recipe.exclude = {sketch.graph().label(sketch.graph()[kept].producer)};
  const Plan result = plan(sketch, recipe);
  EXPECT_THAT(reason(result, sketch, before), HasSubstr("quantized"));
  EXPECT_THAT(reason(result, sketch, kept), HasSubstr("excluded"));
  EXPECT_THAT(reason(result, sketch, behind), HasSubstr("float"));
}

TEST(IntegerPlanner, ExactValuesAreKept) {
  Convolution conv;
  const ValueId scales = conv.w;
  conv.sketch.node("BatchNormalization", {conv.c, scales, scales, scales, scales});
  EXPECT_THAT(reason(plan(conv.sketch, full_integer()), conv.sketch, conv.c),
              HasSubstr("needs the exact value of 'w'"));
}

TEST(IntegerPlanner, AMissingRangeIsNamed) {
  Convolution conv;
  const auto failed = make_plan(conv.sketch.model(), full_integer(), {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::calibration);
  EXPECT_EQ(failed.error().where, "x");
}

TEST(IntegerPlanner, WhatNoSampleReachedStaysInFloat) {
  Convolution conv;
  const ValueId other = conv.sketch.input("other", {1, 4, 6, 6});
  const ValueId sum = conv.sketch.node("Add", {conv.c, other});
  conv.sketch.output(sum);
  KnownRanges ranges(conv.sketch.graph().values.size());
  ranges[conv.x.index] = ranges[conv.c.index] = KnownRange{{-1, 1}};
  Recipe recipe = full_integer();
  recipe.placement = Placing::widest;
  const Plan result = conv.sketch.plan(recipe, ranges);
  EXPECT_THAT(reason(result, conv.sketch, sum), HasSubstr("no sample reached it"));
  EXPECT_THAT(reason(result, conv.sketch, conv.c), HasSubstr("QLinearConv"));
}

// Channels of x: 1, 1/4 and 1/16 of its range, as enough samples show.
KnownRange uneven(double evidence) {
  return {{-1, 1}, {.axis = 1, .min = {-1, -0.25F, -0.0625F}, .max = {1, 0.25F, 0.0625F}, .evidence = evidence}};
}

TEST(IntegerPlanner, ChannelsOfWhatIsReadFromFloatsGetTheirOwnScales) {
  Convolution conv;
  conv.sketch.output(conv.c);
  KnownRanges ranges(conv.sketch.graph().values.size());
  ranges[conv.x.index] = uneven(1e6);
  ranges[conv.c.index] = KnownRange{{-1, 1}};
  const Plan result = conv.sketch.plan(full_integer(), ranges);
  const ActivationPlan& x = *of(result, conv.x);
  ASSERT_EQ(x.channel_scales.size(), 3U);
  EXPECT_EQ(x.channel_scales[0], x.scale);
  EXPECT_LT(x.channel_scales[1], x.scale / 2);
  EXPECT_LT(x.channel_scales[2], x.channel_scales[1] / 2);
  const ElementFactors& factors = result.weights.front().factors;
  for (std::size_t i = 0; i < 108; ++i) EXPECT_EQ(x.scale * factors.of(i), x.channel_scales[i / 9 % 3]);
  EXPECT_TRUE(of(result, conv.c)->channel_scales.empty());

  ranges[conv.x.index] = uneven(10);
  EXPECT_TRUE(of(conv.sketch.plan(full_integer(), ranges), conv.x)->channel_scales.empty());
  ranges[conv.x.index] = uneven(1e6);
  Recipe one_for_all = full_integer();
  one_for_all.equalize = false;
  EXPECT_TRUE(of(conv.sketch.plan(one_for_all, ranges), conv.x)->channel_scales.empty());
}

TEST(IntegerPlanner, ChannelsOfWhatIsReadInFloatGetTheirOwnScales) {
  Sketch sketch("onnx");
  const ValueId x = sketch.input("x", {1, 2, 8, 8});
  const ValueId c = sketch.node("Conv", {x, sketch.constant("w", DType::f32, {3, 2, 3, 3})});
  sketch.output(sketch.node("Sin", {c}));
  KnownRanges ranges(sketch.graph().values.size());
  ranges[x.index] = KnownRange{{-1, 1}};
  ranges[c.index] = uneven(1e6);
  const Plan result = sketch.plan(full_integer(), ranges);
  const ActivationPlan& made = *of(result, c);
  ASSERT_EQ(made.channel_scales.size(), 3U);
  const std::vector<float>& factors = result.weights.front().result_factors;
  ASSERT_EQ(factors.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(made.channel_scales[i] * factors[i] / made.scale, 1, 1e-6);
}

TEST(IntegerPlanner, AnOldOpsetIsRefused) {
  Sketch sketch("onnx", 9);
  sketch.node("Relu", {sketch.input("x", {1, 4})});
  const auto failed = watched_values(sketch.model(), full_integer());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::unsupported);
  EXPECT_THAT(failed.error().message, HasSubstr("opset 11"));
}

TEST(IntegerPlanner, OnlyAndExcludeCount) {
  Convolution conv;
  Recipe recipe = full_integer();
  recipe.exclude = {"the_Conv*"};
  EXPECT_THAT(reason(plan(conv.sketch, recipe), conv.sketch, conv.c), HasSubstr("excluded by name"));
}

TEST(IntegerPlanner, WarnsWhereAnotherRuntimeWouldLose) {
  for (const int64_t group : {1, 64}) {
    Sketch sketch("onnx");
    const ValueId w = sketch.constant("w", DType::f32, {64, 64 / group, 3, 3});
    const ValueId c = sketch.node("Conv", {sketch.input("x", {1, 64, 56, 56}), w}, {{"group", group}});
    sketch.graph()[c].type = {DType::f32, Shape{1, 64, 54, 54}};
    Recipe recipe = full_integer();
    recipe.placement = Placing::widest;
    const Plan result = plan(sketch, recipe);
    if (group == 1) {
      EXPECT_TRUE(result.warnings.empty());
    } else {
      EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("ort-web-wasm")));
    }
  }
}

TEST(Targets, AreReadWholeAndNamed) {
  for (const Target& target : targets()) {
    EXPECT_TRUE(target.also_runs_on.empty() || find_target(target.also_runs_on, "onnx") != nullptr);
    EXPECT_FALSE(target.sentence.empty()) << target.name;
    EXPECT_NE(target.activations, DType::unknown) << target.name;
    for (const std::string& name : target.needs) EXPECT_NE(find_condition(name), nullptr) << name;
    for (const auto& [type, op] : target.ops) {
      EXPECT_NE(ops::find_op(target.format == "onnx" ? "" : target.format, type), nullptr)
          << target.name << " " << type;
      for (const std::string& name : op.needs) EXPECT_NE(find_condition(name), nullptr) << name;
      for (const auto& [name, costs] : op.cases) EXPECT_NE(find_condition(name), nullptr) << name;
    }
  }
}

}  // namespace
}  // namespace narrowcast
