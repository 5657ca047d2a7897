#include "plan/rule_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/json.h"
#include "plan/plan.h"
#include "plan/sketch_test.h"

namespace narrowcast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Sketch;

// Three products, one behind the other.
struct Tower {
  Sketch sketch{"onnx", 21};
  std::vector<ValueId> weights;
  ValueId end = sketch.input("x", {1, 64});

  Tower() {
    for (const char* name : {"body.0.weight", "body.1.weight", "head.weight"}) {
      weights.push_back(sketch.constant(name, DType::f32, {64, 64}));
      end = sketch.node("MatMul", {end, weights.back()});
    }
  }

  Plan plan(std::string_view recipe) { return sketch.plan(*parse_recipe(recipe)); }
};

const WeightPlan* of(const Plan& plan, ValueId source) {
  const auto found = std::ranges::find(plan.weights, source, &WeightPlan::source);
  return found == plan.weights.end() ? nullptr : &*found;
}

TEST(RuleBook, TheLastRuleThatSetsAPartCounts) {
  Tower tower;
  const Plan plan = tower.plan(R"({"mode": "weight-only", "rules": [
      {"names": ["body"], "weights": "int4", "block_size": 64},
      {"names": ["body.1.*"], "block_size": 16},
      {"op_types": ["Linear"], "per_channel": false}]})");
  EXPECT_EQ(of(plan, tower.weights[0])->dtype, DType::i4);
  EXPECT_EQ(of(plan, tower.weights[0])->blocks.block_size, 64);
  EXPECT_EQ(of(plan, tower.weights[1])->blocks.block_size, 16);
  EXPECT_EQ(of(plan, tower.weights[2])->dtype, DType::i8);
  EXPECT_EQ(of(plan, tower.weights[2])->cut, Cut::per_tensor);
}

TEST(RuleBook, DepthCountsFromEitherEnd) {
  Tower tower;
  const Plan plan =
      tower.plan(R"({"rules": [{"depth": [1, -1], "in_float": true}, {"depth": [-1, -1], "in_float": false}]})");
  EXPECT_NE(of(plan, tower.weights[0]), nullptr);
  EXPECT_EQ(of(plan, tower.weights[1]), nullptr);
  EXPECT_NE(of(plan, tower.weights[2]), nullptr);
  EXPECT_THAT(plan.constants[1].reason, HasSubstr("rule 1"));
}

TEST(RuleBook, AWeightThatRulesDisagreeAboutStaysInFloat) {
  Sketch sketch("onnx");
  const ValueId shared = sketch.constant("shared", DType::f32, {64, 64});
  sketch.node("MatMul", {sketch.node("MatMul", {sketch.input("x", {1, 64}), shared}), shared});
  const Plan plan = sketch.plan(*parse_recipe(R"({"rules": [{"depth": [0, 0], "weights": "uint8"}]})"));
  EXPECT_TRUE(plan.weights.empty());
  EXPECT_THAT(plan.constants[0].reason, HasSubstr("in two ways"));
}

TEST(RuleBook, WhatFitsNothingIsToldOf) {
  Tower tower;
  const Plan plan = tower.plan(R"({"exclude": ["tail"], "rules": [{"op_types": ["Conv"], "in_float": true}],
      "values": [{"names": ["nowhere"], "min": 0}]})");
  EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("'tail'"), HasSubstr("Rule 1"), HasSubstr("'nowhere'")));
  EXPECT_TRUE(tower.plan(R"({"only": ["head"]})").warnings.empty());
}

TEST(RuleBook, ARangeOfTheRecipesOwnNeedsNoSample) {
  Tower tower;
  tower.sketch.output(tower.end);
  const Plan plan = tower.plan(R"({"mode": "full-integer", "placement": "widest", "values": [
      {"names": ["*"], "min": -1, "max": 2}, {"names": ["x"], "symmetric": true}]})");
  ASSERT_FALSE(plan.activations.empty());
  // onnx.md 1.2: uint8, (-1, 2), symmetric and not.
  EXPECT_EQ(plan.activations[0].scale, 0x1.0101020p-6F);
  EXPECT_EQ(plan.activations[0].zero_point, 128);
  EXPECT_EQ(plan.activations[1].scale, 0x1.8181820p-7F);
}

TEST(RuleBook, TorchsFormulaIsOneScaleATensor) {
  Tower tower;
  const Plan plan = tower.plan(R"({"mode": "dynamic-range", "formula": "torch"})");
  EXPECT_EQ(plan.weights[0].cut, Cut::per_tensor);
  EXPECT_EQ(plan.weights[0].formula, kernels::Formula::torch);
  EXPECT_EQ(tower.plan(R"({"formula": "torch", "per_channel": true})").weights[0].cut, Cut::per_channel);
}

TEST(RuleBook, OurOwnRecipesAreSound) {
  EXPECT_FALSE(built_in_recipes().empty());
  for (const std::string_view text : built_in_recipes()) {
    const Json json = Json::parse(text, nullptr, false);
    ASSERT_TRUE(json.is_object()) << text;
    EXPECT_FALSE(json.value("name", "").empty());
    EXPECT_TRUE(parse_recipe(json["recipe"].dump())) << text;
  }
}

TEST(RuleBook, ANameStandsForWhatLiesInside) {
  EXPECT_TRUE(name_matches("encoder.layer.0", "encoder.layer.0.query.weight"));
  EXPECT_TRUE(name_matches("encoder.layer.0", "/encoder/layer.0/query/MatMul"));
  EXPECT_FALSE(name_matches("encoder.layer.1", "encoder.layer.10.query.weight"));
  EXPECT_FALSE(name_matches("layer.0", "encoder.layer.0.query.weight"));
  EXPECT_TRUE(name_matches("*.query", "encoder.layer.0.query.weight"));
  EXPECT_FALSE(name_matches("", "encoder"));
}

TEST(RuleBook, SaysWhichEntryIsWrong) {
  const auto where = [](std::string_view recipe) { return parse_recipe(recipe).error().where; };
  EXPECT_EQ(where(R"({"rules": {}})"), "rules");
  EXPECT_EQ(where(R"({"rules": [{"names": ["a"], "in_float": true}, {"names": ["a"]}]})"), "rules[1]");
  EXPECT_EQ(where(R"({"rules": [{"in_float": true}]})"), "rules[0]");
  EXPECT_EQ(where(R"({"rules": [{"depth": [0], "in_float": true}]})"), "rules[0].depth");
  EXPECT_EQ(where(R"({"rules": [{"names": ["a"], "weights": "int3"}]})"), "rules[0].weights");
  EXPECT_EQ(where(R"({"values": [{"names": ["a"], "min": 1, "max": 0}]})"), "values[0]");
  EXPECT_EQ(where(R"({"values": [{"names": ["a"], "min": 1e39}]})"), "values[0].min");
  EXPECT_EQ(where(R"({"values": [{"min": 1}]})"), "values[0]");
}

}  // namespace
}  // namespace narrowcast
