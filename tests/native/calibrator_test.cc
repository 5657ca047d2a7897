// Calibrators on runs of real models.
#include "calib/calibrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "formats/onnx/records.h"
#include "kernels/test_util.h"
#include "model_files.h"
#include "passes/infer_types.h"

namespace narrowcast {
namespace {

using calib::Calibrator;
using calib::Ranges;
using calib::Watch;
using ::testing::HasSubstr;

class Digits : public ::testing::Test {
 protected:
  void SetUp() override {
    bytes_ = testing::read_file(testing::source_folder() / "models" / "digits.onnx");
    auto model = onnx::read({{"digits.onnx", bytes_}});
    ASSERT_TRUE(model);
    model_ = std::make_unique<Model>(std::move(*model));
    const auto facts = infer_types(model_->graph, model_->files);
    ASSERT_TRUE(facts);
    values_ = calib::float_values(model_->graph, *facts);
    ASSERT_GT(values_.size(), 3U);
  }

  std::vector<Watch> watches(std::string_view method) {
    std::vector<Watch> list;
    for (const ValueId value : values_) list.push_back({value, calib::find_observer(method)});
    return list;
  }

  std::unique_ptr<Calibrator> calibrator(std::string_view method) {
    return *Calibrator::create(model_->graph, watches(method), {});
  }

  // Runs the samples with these indices.
  void run(Calibrator& calibrator, std::span<const uint32_t> samples, bool keeps = true) {
    exec::CompileOptions options;
    if (keeps) options.keep = values_;
    const auto program = exec::compile(model_->graph, model_->files, ScopeId(0U), options);
    ASSERT_TRUE(program);
    exec::Runner runner(**program, ScopeId(0U));
    runner.observe(&calibrator);
    for (const uint32_t index : samples) {
      auto tensor = ops::make_tensor(pool_, DType::f32, {1, 1, 28, 28});
      const std::vector<float> pixels = kernels::test::floats(784, kernels::test::Mix::ordinary, index);
      std::ranges::copy(pixels, tensor->writable<float>());
      ASSERT_TRUE(calibrator.begin(index, sha256({tensor->data, tensor->bytes()})));
      ASSERT_TRUE(runner.start(std::span(&*tensor, 1)));
      for (bool done = false; !done;) done = *runner.step();
      calibrator.finish();
    }
  }

  Bytes bytes_;
  std::unique_ptr<Model> model_;
  std::vector<ValueId> values_;
  exec::Pool pool_;
};

TEST_F(Digits, EveryFloatValueGetsARange) {
  for (const calib::ObserverKind& kind : calib::observer_kinds()) {
    const auto one = calibrator(kind.name);
    run(*one, std::vector<uint32_t>{0, 1, 2});
    const auto chosen = one->choose({});
    ASSERT_TRUE(chosen);
    ASSERT_EQ(chosen->size(), values_.size());
    for (const calib::ValueRange& value : *chosen) {
      EXPECT_GT(value.totals.finite, 0U) << model_->graph[value.value].name;
      EXPECT_LT(value.range.min - value.range.max, 0) << model_->graph[value.value].name;
    }
  }
}

TEST_F(Digits, WorkersMergeIntoTheSameBytes) {
  for (const calib::ObserverKind& kind : calib::observer_kinds()) {
    const auto whole = calibrator(kind.name);
    run(*whole, std::vector<uint32_t>{0, 1, 2, 3, 4, 5});
    const auto first = calibrator(kind.name);
    run(*first, std::vector<uint32_t>{5, 2});
    const auto second = calibrator(kind.name);
    run(*second, std::vector<uint32_t>{1, 4, 0, 3});
    auto merged = Ranges::read((*second->ranges())->write());
    ASSERT_TRUE(merged);
    ASSERT_TRUE(merged->merge(**first->ranges()));
    EXPECT_EQ(merged->write(), (*whole->ranges())->write()) << kind.name;
  }
}

TEST_F(Digits, ASampleComesOnceAndIsRunToItsEnd) {
  const auto one = calibrator("min-max");
  run(*one, std::vector<uint32_t>{7});
  EXPECT_THAT(one->begin(7, {}).error().message, HasSubstr("seen already"));
  ASSERT_TRUE(one->begin(8, {}));
  EXPECT_THAT(one->begin(9, {}).error().message, HasSubstr("not finished"));
  EXPECT_FALSE(one->ranges());
  EXPECT_FALSE(one->choose({}));
}

TEST_F(Digits, WhatCannotBeWatched) {
  std::vector<Watch> twice{watches("mse")[0], watches("min-max")[0]};
  EXPECT_THAT(Calibrator::create(model_->graph, twice, {}).error().message, HasSubstr("twice"));
  const auto constant =
      std::ranges::find_if(model_->graph.values, [](const Value& v) { return v.constant.has_value(); });
  const ValueId id(static_cast<std::size_t>(constant - model_->graph.values.begin()));
  const Watch watch{id, calib::find_observer("mse")};
  const auto refused = Calibrator::create(model_->graph, {&watch, 1}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where, constant->name);
}

}  // namespace
}  // namespace narrowcast
