// Full-integer files of real models: made from ranges that a calibration found, then run by the engine itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "calib/calibrator.h"
#include "formats/onnx/records.h"
#include "job/job.h"
#include "kernels/sqnr/sqnr.h"
#include "kernels/test_util.h"
#include "model_files.h"

namespace narrowcast {
namespace {

using ops::Tensor;

class FullInteger : public ::testing::Test {
 protected:
  static constexpr std::string_view kRecipe = R"({"mode": "full-integer", "keep_going": true})";

  Tensor sample(uint32_t index) {
    auto tensor = ops::make_tensor(pool_, DType::f32, {1, 1, 28, 28});
    std::vector<float> pixels = kernels::test::floats(784, kernels::test::Mix::ordinary, index);
    for (float& pixel : pixels) pixel = pixel < 0 ? 0 : std::min(pixel, 1.0F);
    std::ranges::copy(pixels, tensor->writable<float>());
    return *tensor;
  }

  std::string calibrate(const Bytes& bytes, uint32_t samples) {
    const Files files{{"model.onnx", bytes}};
    const auto model = read_model(files);
    const auto names = watched_names(files, kRecipe);
    EXPECT_TRUE(names);
    std::vector<ValueId> watched;
    for (std::size_t i = 0; i < model->graph.values.size(); ++i) {
      if (std::ranges::find(*names, model->graph.values[i].name) != names->end()) watched.emplace_back(i);
    }
    std::vector<calib::Watch> watches;
    for (const ValueId value : watched) watches.push_back({value, calib::find_observer("min-max")});
    calib::Ranges ranges;
    ranges.model = calib::hash_files(std::vector{ByteView(bytes)});
    auto calibrator = *calib::Calibrator::create(model->graph, watches, std::move(ranges));
    const auto program = exec::compile(model->graph, model->files, ScopeId(0U), {.keep = watched});
    exec::Runner runner(**program, ScopeId(0U));
    runner.observe(calibrator.get());
    for (uint32_t i = 0; i < samples; ++i) {
      EXPECT_TRUE(calibrator->begin(i, {}));
      run(runner, i);
      calibrator->finish();
    }
    return (*calibrator->ranges())->write();
  }

  std::vector<float> run(exec::Runner& runner, uint32_t index) {
    std::vector<Tensor> inputs{sample(index)};
    EXPECT_TRUE(runner.start(inputs));
    for (bool done = false; !done;) {
      const auto step = runner.step();
      EXPECT_TRUE(step) << (step ? "" : step.error().where + ": " + step.error().message);
      if (!step) return {};
      done = *step;
    }
    const std::vector<Tensor> results = *runner.results();
    return {results[0].as<float>(), results[0].as<float>() + results[0].count()};
  }

  std::vector<float> run(const Bytes& bytes, uint32_t index) {
    const auto model = read_model({{"model.onnx", bytes}});
    EXPECT_TRUE(model) << (model ? "" : model.error().message);
    const auto program = exec::compile(model->graph, model->files, ScopeId(0U), {});
    EXPECT_TRUE(program) << (program ? "" : program.error().message);
    exec::Runner runner(**program, ScopeId(0U));
    return run(runner, index);
  }

  Bytes quantize(const Bytes& bytes, const std::string& ranges) {
    auto job = Job::create({{"model.onnx", bytes}}, kRecipe, "model.data", ranges);
    EXPECT_TRUE(job) << (job ? "" : job.error().message);
    for (;;) {
      const auto done = (*job)->step();
      EXPECT_TRUE(done) << (done ? "" : done.error().message + " " + done.error().where);
      if (!done || *done) break;
    }
    report_ = (*job)->report();
    Bytes out((*job)->files()[0].rope.size());
    (*job)->read(0, 0, out);
    return out;
  }

  exec::Pool pool_;
  std::string report_;
};

TEST_F(FullInteger, DigitsStayWhatTheyWere) {
  const Bytes bytes = testing::read_file(testing::source_folder() / "models" / "digits.onnx");
  const Bytes narrowed = quantize(bytes, calibrate(bytes, 16));
  EXPECT_LT(narrowed.size() * 100, bytes.size() * 32);
  kernels::SqnrSums sums;
  for (uint32_t i = 100; i < 104; ++i) {
    const std::vector<float> exact = run(bytes, i);
    const std::vector<float> rounded = run(narrowed, i);
    kernels::accumulate_sqnr(exact.data(), rounded.data(), exact.size(), sums);
  }
  EXPECT_GT(kernels::sqnr_db(kernels::sqnr_energy(sums)), 25);
}

}  // namespace
}  // namespace narrowcast
