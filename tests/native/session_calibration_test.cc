// Sessions that calibrate: what they take, and that they let go of the model's file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job/merged_ranges.h"
#include "job/session.h"
#include "kernels/test_util.h"
#include "model_files.h"

namespace narrowcast {
namespace {

using ::testing::HasSubstr;

constexpr const char* kMinMax = R"({"calibrate": {"method": "min-max"}})";
constexpr const char* kImage = R"({"inputs": [{"name": "image", "dtype": "float32", "shape": [1, 1, 28, 28]}]})";

Bytes digits() { return testing::read_file(testing::source_folder() / "models" / "digits.onnx"); }

Bytes picture(uint64_t seed) {
  Bytes bytes;
  for (const float value : kernels::test::floats(784, kernels::test::Mix::ordinary, seed)) append_le(bytes, value);
  return bytes;
}

Status feed(Session& session, std::string_view request, const Bytes& input) {
  NC_TRY(const auto buffers, session.feed(request));
  std::ranges::copy(input, buffers.at(0).begin());
  return {};
}

Status run(Session& session, std::string_view request, const Bytes& input) {
  NC_CHECK(feed(session, request, input));
  NC_TRY(auto* const task, session.start(nullptr));
  for (;;) {
    NC_TRY(const bool done, task->step());
    if (done) return {};
  }
}

ErrorCode refused(const char* options) {
  const Bytes model = digits();
  const auto session = Session::create({{"digits.onnx", model}}, options);
  return session ? ErrorCode::internal : session.error().code;
}

TEST(SessionCalibration, WishesThatMakeNoSense) {
  for (const char* options : {
           R"({"calibrate": null})",
           R"({"calibrate": {}})",
           R"({"calibrate": {"method": "max"}})",
           R"({"calibrate": {"method": 3}})",
           R"({"calibrate": {"method": "mse", "percentile": 100000001}})",
           R"({"calibrate": {"method": "mse", "percentile": -1}})",
           R"({"calibrate": {"method": "mse", "percentile": "99"}})",
           R"({"calibrate": {"method": "mse", "values": "image"}})",
           R"({"calibrate": {"method": "mse", "values": [1]}})",
           R"({"calibrate": {"method": "mse", "values": ["no such value"]}})",
       }) {
    EXPECT_EQ(refused(options), ErrorCode::usage) << options;
  }
}

TEST(SessionCalibration, OnlyRunsWithAnIndexCount) {
  const Bytes model = digits();
  auto session = Session::create({{"digits.onnx", model}}, kMinMax);
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_THAT((*session)->interface_json(), HasSubstr("\"watched\":"));
  ASSERT_TRUE(run(**session, kImage, picture(1)));
  EXPECT_THAT(*(*session)->observed(), HasSubstr("\"runs\":[]"));
  (*session)->expect_sample(4);
  ASSERT_TRUE(run(**session, kImage, picture(1)));
  ASSERT_TRUE(run(**session, kImage, picture(2)));
  EXPECT_THAT(*(*session)->observed(), HasSubstr("\"runs\":[[4,1]]"));
  (*session)->expect_sample(4);
  EXPECT_THAT(run(**session, kImage, picture(3)).error().message, HasSubstr("seen already"));
}

TEST(SessionCalibration, ARunThatDoesNotEndSpoilsTheState) {
  const Bytes model = digits();
  auto session = Session::create({{"digits.onnx", model}}, kMinMax);
  ASSERT_TRUE(session);
  (*session)->expect_sample(0);
  ASSERT_TRUE(feed(**session, kImage, picture(1)));
  ASSERT_TRUE((*session)->start(nullptr));
  EXPECT_EQ((*session)->observed().error().code, ErrorCode::usage);
  (*session)->expect_sample(1);
  EXPECT_THAT(run(**session, kImage, picture(1)).error().message, HasSubstr("not finished"));
}

TEST(SessionCalibration, TheFileMayGo) {
  auto model = std::make_unique<Bytes>(digits());
  auto session = Session::create({{"digits.onnx", *model}}, kMinMax);
  ASSERT_TRUE(session);
  EXPECT_FALSE((*session)->needs_files());
  std::ranges::fill(*model, uint8_t{0xEE});
  model.reset();
  (*session)->expect_sample(0);
  ASSERT_TRUE(run(**session, kImage, picture(1)));
  const Bytes again = digits();
  auto other = Session::create({{"digits.onnx", again}}, kMinMax);
  (*other)->expect_sample(0);
  ASSERT_TRUE(run(**other, kImage, picture(1)));
  EXPECT_EQ(*(*session)->observed(), *(*other)->observed());
}

// Its value stands in an attribute, which is read in every run.
TEST(SessionCalibration, TheFileMayGoThoughAttributesLieInIt) {
  const auto path = testing::onnx_test_data_folder() / "data" / "node" / "test_constantofshape_float_ones";
  if (!testing::fs::exists(path)) GTEST_SKIP() << "no operator tests";
  auto model = std::make_unique<Bytes>(testing::read_file(path / "model.onnx"));
  auto session = Session::create({{"model.onnx", *model}}, kMinMax);
  ASSERT_TRUE(session);
  ASSERT_FALSE((*session)->needs_files());
  std::ranges::fill(*model, uint8_t{0xEE});
  model.reset();
  Bytes shape;
  for (const int64_t size : {4, 3, 2}) append_le(shape, size);
  (*session)->expect_sample(0);
  ASSERT_TRUE(run(**session, R"({"inputs": [{"name": "x", "dtype": "int64", "shape": [3]}]})", shape));
  EXPECT_THAT(*(*session)->observed(),
              HasSubstr("\"finite\":24,\"nan\":0,\"pos_inf\":0,\"neg_inf\":0,\"min\":1.0,\"max\":1.0"));
}

TEST(MergedRanges, AnswersAndRefusals) {
  MergedRanges merged;
  EXPECT_EQ(merged.state(), "");
  EXPECT_EQ(merged.values("{}").error().code, ErrorCode::usage);
  EXPECT_EQ(merged.add("{}").error().code, ErrorCode::malformed);
  const Bytes model = digits();
  auto session = Session::create({{"digits.onnx", model}}, R"({"calibrate": {"method": "percentile"}})");
  (*session)->expect_sample(0);
  ASSERT_TRUE(run(**session, kImage, picture(1)));
  ASSERT_TRUE(merged.add(*(*session)->observed()));
  EXPECT_EQ(merged.state(), *(*session)->observed());
  EXPECT_THAT(*merged.values("{}"), HasSubstr("\"name\":\"logits\""));
  EXPECT_NE(*merged.values("{}"), *merged.values(R"({"percentile": 90000000})"));
  for (const char* options : {"[]", "x", R"({"activations": "float32"})", R"({"activations": 8})",
                              R"({"activations": "int16"})", R"({"percentile": 1e30})"}) {
    EXPECT_EQ(merged.values(options).error().code, ErrorCode::usage) << options;
  }
  EXPECT_EQ(merged.add(*(*session)->observed()).error().code, ErrorCode::usage);
}

}  // namespace
}  // namespace narrowcast
