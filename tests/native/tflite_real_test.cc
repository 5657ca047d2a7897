#include <gtest/gtest.h>

#include "tflite_models.h"

namespace narrowcast::tflite {
namespace {

class RealModels : public testing::Test {
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
    EXPECT_LE(constant_bytes, bytes.size());
    const auto& records = static_cast<const TfliteRecords&>(*model->records);
    EXPECT_EQ(records.tail.offset + records.tail.length, bytes.size());
  }
}

}  // namespace
}  // namespace narrowcast::tflite
