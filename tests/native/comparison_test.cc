// Two models side by side: the figures are those that their outputs give, whoever ran which sample.
#include "job/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "job/job.h"
#include "job/judgement.h"
#include "kernels/test_util.h"
#include "model_files.h"

namespace narrowcast {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kImage = R"({"inputs": [{"name": "image", "dtype": "float32", "shape": [1, 1, 28, 28]}]})";
constexpr std::size_t kClasses = 10;

Bytes digits() { return testing::read_file(testing::source_folder() / "models" / "digits.onnx"); }

Bytes narrowed(const Bytes& model) {
  auto job = Job::create({{"digits.onnx", model}}, R"({"weights": "int4"})", "model.data");
  EXPECT_TRUE(job);
  for (bool done = false; !done;) done = *(*job)->step();
  Bytes out((*job)->files()[0].rope.size());
  (*job)->read(0, 0, out);
  return out;
}

Bytes picture(uint64_t seed) {
  Bytes bytes;
  for (const float value : kernels::test::floats(784, kernels::test::Mix::ordinary, seed)) append_le(bytes, value);
  return bytes;
}

Status run(Runs& runs, uint64_t seed) {
  NC_TRY(const auto buffers, runs.feed(kImage));
  std::ranges::copy(picture(seed), buffers.at(0).begin());
  NC_TRY(Run* const task, runs.start(nullptr));
  for (;;) {
    NC_TRY(const bool done, task->step());
    if (done) return {};
  }
}

std::vector<float> logits(const Bytes& model, uint64_t seed) {
  auto session = Session::create({{"digits.onnx", model}}, "{}");
  EXPECT_TRUE(run(**session, seed));
  std::vector<float> values(kClasses);
  (*session)->task().read(0, 0, {reinterpret_cast<uint8_t*>(values.data()), values.size() * sizeof(float)});
  return values;
}

std::unique_ptr<Comparison> compare(const Bytes& before, const Bytes& after, const char* options = "{}") {
  auto made = Comparison::create({{"a.onnx", before}}, {{"b.onnx", after}}, options);
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return std::move(*made);
}

// What the samples of each worker come to.
std::string judged(const Bytes& before, const Bytes& after, const std::vector<std::vector<uint32_t>>& workers,
                   const std::string& options = "{}") {
  json states = json::array();
  for (const auto& samples : workers) {
    const auto comparison = compare(before, after);
    for (const uint32_t index : samples) {
      comparison->expect_sample(index);
      EXPECT_TRUE(run(*comparison, index + 1));
    }
    states.push_back(*comparison->observed());
  }
  const auto text = judge(states.dump(), options);
  return text ? *text : text.error().message;
}

TEST(Comparison, GivesTheFiguresOfTheOutputs) {
  const Bytes before = digits();
  const Bytes after = narrowed(before);
  const json report = json::parse(judged(before, after, {{0, 1, 2, 3}}));
  double signal = 0;
  double noise = 0;
  double most = 0;
  uint64_t same = 0;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    const auto x = logits(before, seed);
    const auto y = logits(after, seed);
    same += std::ranges::max_element(x) - x.begin() == std::ranges::max_element(y) - y.begin() ? 1 : 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      signal += double{x[i]} * x[i];
      noise += (double{x[i]} - y[i]) * (double{x[i]} - y[i]);
      most = std::max(most, std::abs(double{x[i]} - y[i]));
    }
  }
  const json& output = report["outputs"][0];
  EXPECT_EQ(output["name"], "logits");
  // Nothing is multiplied into weights while values are watched, which moves the last bits.
  EXPECT_NEAR(output["noise_power"].get<double>() / (noise / 40), 1, 1e-3);
  EXPECT_NEAR(output["signal_power"].get<double>() / (signal / 40), 1, 1e-5);
  EXPECT_NEAR(output["max_error"].get<double>() / most, 1, 1e-3);
  EXPECT_EQ(output["decisions"], 4);
  EXPECT_EQ(output["same"], same);
  EXPECT_EQ(report["samples"], 4);
  EXPECT_GT(report["values"].size(), 4U);
  double last = -1000;
  for (const json& value : report["values"]) {
    if (value["sqnr_db"].is_null()) continue;
    EXPECT_GE(value["sqnr_db"].get<double>(), last);
    last = value["sqnr_db"];
  }
}

TEST(Comparison, DoesNotDependOnWhoRanWhich) {
  const Bytes before = digits();
  const Bytes after = narrowed(before);
  const std::string whole = judged(before, after, {{0, 1, 2, 3, 4}});
  EXPECT_EQ(judged(before, after, {{4, 2}, {3, 0, 1}}), whole);
  EXPECT_EQ(judged(before, after, {{4}, {}, {1}, {0, 3}, {2}}), whole);
  EXPECT_THAT(judged(before, after, {{1}, {1}}), HasSubstr("compared twice"));
}

TEST(Comparison, AModelIsLikeItself) {
  const Bytes model = digits();
  const json report = json::parse(judged(model, model, {{0, 7}}, R"({"min_sqnr": 200, "max_drop": 0})"));
  EXPECT_TRUE(report["sqnr_db"].is_null());
  EXPECT_EQ(report["outputs"][0]["max_error"], 0);
  EXPECT_EQ(report["outputs"][0]["same"], 2);
  EXPECT_EQ(report["failed"], json::array());
}

TEST(Comparison, LabelsAndGates) {
  const Bytes before = digits();
  const Bytes after = narrowed(before);
  const auto x = logits(before, 1);
  const auto said = std::ranges::max_element(x) - x.begin();
  const std::string right = R"({"labels": {"0": )" + std::to_string(said) + "}, ";
  json report = json::parse(judged(before, after, {{0, 1}}, right + R"("min_sqnr": 5, "max_drop": 0})"));
  EXPECT_EQ(report["accuracy"]["labels"], 1);
  EXPECT_EQ(report["accuracy"]["before"], 1);
  report = json::parse(judged(before, after, {{0, 1}}, right + R"("min_sqnr": 90})"));
  EXPECT_THAT(report["failed"].dump(), HasSubstr("less than 90.0 dB"));
  EXPECT_THAT(judged(before, after, {{0}}, R"({"labels": {"0": [1, 2]}})"), HasSubstr("as many decisions"));
  EXPECT_THAT(judged(before, after, {{0}}, R"({"labels": {"5": 1}})"), HasSubstr("No sample has a label"));
  EXPECT_THAT(judged(before, after, {{0}}, R"({"labels": {"0": "one"}})"), HasSubstr("numbers of classes"));
}

TEST(Comparison, CountsWhatLiesOutsideOfCodes) {
  const Bytes before = digits();
  const Bytes after = narrowed(before);
  const auto comparison =
      compare(before, after, R"({"ranges": {"logits": [-1e-9, 1e-9]}, "spans": {"logits": [-2, 2]}})");
  comparison->expect_sample(0);
  ASSERT_TRUE(run(*comparison, 1));
  const json report = json::parse(*judge(json::array({*comparison->observed()}).dump(), "{}"));
  const auto& values = report["values"];
  const auto found = std::ranges::find_if(values, [](const json& value) { return value["name"] == "logits"; });
  ASSERT_NE(found, values.end());
  EXPECT_EQ((*found)["share_clipped"], 1);
  std::vector<uint64_t> expected(kBins);
  for (const float value : logits(before, 1)) {
    ++expected[static_cast<std::size_t>(std::clamp((value + 2.0) * 12, 0.0, 47.0))];
  }
  EXPECT_EQ((*found)["histogram"]["counts"], expected);
}

TEST(Comparison, RefusesWhatMakesNoSense) {
  const Bytes model = digits();
  EXPECT_EQ(Comparison::create({{"a.onnx", model}}, {{"b.onnx", model}}, "[]").error().code, ErrorCode::usage);
  EXPECT_EQ(Comparison::create({{"a.onnx", model}}, {{"b.onnx", Bytes(3)}}, "{}").error().code, ErrorCode::malformed);
  const auto comparison = compare(model, model);
  comparison->expect_sample(3);
  ASSERT_TRUE(run(*comparison, 1));
  comparison->expect_sample(3);
  EXPECT_THAT(run(*comparison, 1).error().message, HasSubstr("seen already"));
  for (const char* states :
       {"", "{}", "[]", "[1]", R"(["{}"])", R"(["{\"kind\":\"comparison\"}"])",
        R"(["{\"kind\":\"comparison\",\"values\":[[0,\"a\"]],\"outputs\":[],\"samples\":[[0,[],[]]]}"])"}) {
    EXPECT_FALSE(judge(states, "{}")) << states;
  }
}

}  // namespace
}  // namespace narrowcast
