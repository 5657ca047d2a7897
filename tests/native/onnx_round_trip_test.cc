// Without edits, every ONNX file is written as it was read: the writer walks all records, and only their spans come
// out.
#include <gtest/gtest.h>

#include "formats/onnx/records.h"
#include "model_files.h"

namespace narrowcast {
namespace {

using namespace testing;

std::string round_trip(const fs::path& path) {
  const Bytes bytes = read_file(path);
  auto model = onnx::read({{path.filename().string(), bytes}});
  if (!model) return model.error().message + " (" + model.error().where + ")";
  const EditLog log(model->graph);
  const auto outputs = onnx::write(*model, log, "data");
  if (!outputs) return outputs.error().message;
  if (outputs->size() != 1 || (*outputs)[0].rope.size() != bytes.size()) return "another length";
  Bytes written(bytes.size());
  (*outputs)[0].rope.read(model->files, 0, written);
  return written == bytes ? "" : "other bytes";
}

void expect_round_trips(const fs::path& folder, std::size_t at_least) {
  const auto files = files_below(folder, ".onnx");
  if (files.empty()) GTEST_SKIP() << "no models in " << folder;
  for (const fs::path& path : files) EXPECT_EQ(round_trip(path), "") << path;
  EXPECT_GE(files.size(), at_least);
}

TEST(OnnxRoundTrip, OperatorTests) { expect_round_trips(onnx_test_data_folder(), 1000); }
TEST(OnnxRoundTrip, OcrModels) { expect_round_trips(packages_folder() / "@gutenye" / "ocr-models", 3); }
TEST(OnnxRoundTrip, SileroModels) { expect_round_trips(packages_folder() / "@jjhbw" / "silero-vad", 4); }
TEST(OnnxRoundTrip, SharedModels) { expect_round_trips(shared_models_folder() / "onnx", 4); }
TEST(OnnxRoundTrip, Digits) { expect_round_trips(source_folder() / "models", 1); }

}  // namespace
}  // namespace narrowcast
