#include <gtest/gtest.h>

#include "ir/verify.h"
#include "tflite_compare.h"

namespace narrowcast::tflite {
namespace {

class RealModels : public ::testing::Test {
 protected:
  void SetUp() override {
    if (real_models().empty()) GTEST_SKIP() << "no TFLite models: set NARROWCAST_MODELS, or run npm ci";
  }
};

TEST_F(RealModels, AreRead) {
  for (const auto& path : real_models()) {
    SCOPED_TRACE(path.filename().string());
    const Bytes bytes = read_bytes(path);
    const auto model = read_model(bytes);
    ASSERT_TRUE(model) << model.error().message << " (" << model.error().where << ")";
    const Graph& graph = model->graph;
    EXPECT_GT(graph.nodes.size(), 0U);
    uint64_t constant_bytes = 0;
    for (const Value& value : graph.values) {
      if (value.constant) constant_bytes += payload_length(value.constant->payload);
      EXPECT_NE(value.type.dtype, DType::unknown);
    }
    const Status status = verify(graph);
    EXPECT_TRUE(status) << status.error().message;
    EXPECT_LE(constant_bytes, bytes.size());
    const auto& records = static_cast<const TfliteRecords&>(*model->records);
    EXPECT_EQ(records.tail.offset + records.tail.length, bytes.size());
  }
}

TEST_F(RealModels, StayTheSameFileWithoutEdits) {
  for (const auto& path : real_models()) {
    SCOPED_TRACE(path.filename().string());
    const Bytes bytes = read_bytes(path);
    auto model = read_model(bytes);
    ASSERT_TRUE(model);
    const EditLog log(model->graph);
    const auto files = write(*model, log, "");
    ASSERT_TRUE(files);
    ASSERT_EQ(files->size(), 1U);
    EXPECT_EQ(flatten(model->files, (*files)[0].rope), bytes);
  }
}

TEST_F(RealModels, KeepEveryFieldWhenAllRecordsAreWrittenAgain) {
  for (const auto& path : real_models()) {
    SCOPED_TRACE(path.filename().string());
    const Bytes bytes = read_bytes(path);
    const auto model = read_model(bytes);
    ASSERT_TRUE(model);
    const Bytes again = reemit(*model);
    std::vector<std::string> expected;  // the archive's own offsets move with it
    if (static_cast<const TfliteRecords&>(*model->records).tail.length > 0 && again.size() != bytes.size()) {
      expected.emplace_back("tail");
    }
    EXPECT_EQ(differences(bytes, again), expected);
    EXPECT_LT(again.size(), bytes.size() + bytes.size() / 50 + 256);
    const auto second = read_model(again);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(reemit(*second), again) << "writing is not stable";
  }
}

}  // namespace
}  // namespace narrowcast::tflite
