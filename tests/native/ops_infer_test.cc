// Types and shapes of every real model and operator test: what the file declares is forgotten and inferred again.
#include <gtest/gtest.h>

#include <map>

#include "formats/onnx/records.h"
#include "formats/onnx/tensor.h"
#include "model_files.h"
#include "ops/fold.h"
#include "passes/infer_types.h"
#include "tflite_models.h"

namespace narrowcast {
namespace {

using namespace testing;

// NC_SHOW=1 prints the counts, what was not inferred in full, and the ops that no folder knows.
bool shows_details() { return std::getenv("NC_SHOW") != nullptr; }

struct Score {
  int models = 0;
  int values = 0;  // compared
  int exact = 0;   // of them, with every size inferred
  int folded = 0;  // results whose elements were folded and compared
};

bool knows_every_op(const Graph& graph) {
  return std::ranges::all_of(graph.nodes, [](const Node& node) { return ops::find_op(node.op) != nullptr; });
}

bool fits(const TensorType& inferred, const TensorType& declared, bool& exact) {
  exact = false;
  if (inferred.dtype != DType::unknown && inferred.dtype != declared.dtype) return false;
  if (!inferred.shape || !declared.shape) return true;
  if (inferred.shape->size() != declared.shape->size()) return false;
  exact = inferred.dtype == declared.dtype;
  for (std::size_t i = 0; i < inferred.shape->size(); ++i) {
    const int64_t size = (*inferred.shape)[i];
    const int64_t expected = (*declared.shape)[i];
    if (size >= 0 && expected >= 0 && size != expected) return false;
    exact = exact && (size >= 0 || expected < 0);
  }
  return true;
}

std::string text(const TensorType& type) {
  return std::string(dtype_name(type.dtype)) + (type.shape ? shape_text(*type.shape) : "[...]");
}

// A tensor of an operator test, its bytes owned; nothing when there is none or it is no plain tensor.
std::optional<Constant> read_tensor_file(const fs::path& path) {
  const Bytes bytes = read_file(path);
  if (bytes.empty()) return std::nullopt;
  const Files files{{"tensor.pb", bytes}};
  auto tensor = onnx::read_tensor(files, {0, 0, bytes.size()});
  if (!tensor || tensor->opaque) return std::nullopt;
  Bytes owned(static_cast<std::size_t>(payload_length(tensor->constant.payload)));
  read_payload(files, tensor->constant.payload, 0, owned);
  tensor->constant.payload = std::move(owned);
  return std::move(tensor->constant);
}

// What was folded must be what the test expects.
void compare_elements(const Graph& graph, const std::vector<ops::ValueFact>& facts, const fs::path& data, Score& score,
                      const std::string& label) {
  const auto& outputs = graph.scopes[0].outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& ints = facts[outputs[i].index].ints;
    if (!ints) continue;
    const auto expected = read_tensor_file(data / ("output_" + std::to_string(i) + ".pb"));
    if (!expected) continue;
    const auto elements = ops::constant_ints(*expected, nullptr);
    if (!elements) continue;
    EXPECT_EQ(*ints, *elements) << label;
    ++score.folded;
  }
}

// Forgets the types of what nodes make, infers them, compares.
void compare(const Model& model, const Graph& declared, Score& score, const std::string& label,
             const fs::path& data = {}) {
  Graph graph = declared;
  std::vector<bool> made(graph.values.size(), false);
  for (const Node& node : graph.nodes) {
    if (ops::find_op(node.op) == nullptr) continue;  // custom ops of TFLite: nobody else knows what they make
    for (const ValueId output : node.outputs) {
      if (!output || graph[output].constant) continue;
      made[output.index] = true;
      graph[output].type.shape.reset();
      // The type of a TFLite tensor is its own: QUANTIZE takes it from there.
      if (node.op.domain != kTfliteDomain) graph[output].type = {};
    }
  }
  const auto facts = infer_types(graph, model.files);
  ASSERT_TRUE(facts) << label << ": " << facts.error().message << " (" << facts.error().where << ")";
  ++score.models;
  if (!data.empty()) compare_elements(graph, *facts, data, score, label);
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    const TensorType& expected = declared.values[i].type;
    if (!made[i] || expected.dtype == DType::unknown || expected.dtype == DType::other) continue;
    const TensorType& inferred = (*facts)[i].type;
    bool exact = false;
    EXPECT_TRUE(fits(inferred, expected, exact))
        << label << ": '" << graph.values[i].name << "' is " << text(expected) << ", not " << text(inferred);
    ++score.values;
    if (exact) ++score.exact;
    if (!exact && shows_details()) {
      std::cout << label << " " << (graph.values[i].producer ? graph[graph.values[i].producer].op.type : "") << " "
                << graph.values[i].name << " " << text(expected) << " " << text(inferred) << "\n";
    }
  }
}

// Gives the graph's inputs the test's own elements, so that shapes that are computed from them are known.
void feed_inputs(Graph& graph, const fs::path& data) {
  const auto& inputs = graph.scopes[0].inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Value& value = graph[inputs[i]];
    if (value.constant) continue;
    auto tensor = read_tensor_file(data / ("input_" + std::to_string(i) + ".pb"));
    // The one of CastLike to bfloat16 holds another type than it declares.
    if (!tensor || tensor->dtype != value.type.dtype) continue;
    value.type.shape = tensor->shape;
    value.constant = std::move(tensor);
  }
}

Score infer_onnx_below(const fs::path& folder) {
  Score score;
  std::map<std::string, int> unknown;
  for (const fs::path& path : files_below(folder, ".onnx")) {
    const Bytes bytes = read_file(path);
    const auto model = onnx::read({{path.filename().string(), bytes}});
    if (!model) continue;
    if (!knows_every_op(model->graph)) {
      for (const Node& node : model->graph.nodes) {
        if (ops::find_op(node.op) == nullptr) ++unknown[node.op.type];
      }
      continue;
    }
    Graph graph = model->graph;
    const fs::path data = path.parent_path() / "test_data_set_0";
    feed_inputs(graph, data);
    compare(*model, graph, score, path.parent_path().filename().string(), data);
  }
  if (!shows_details()) return score;
  std::cout << folder.string() << ": " << score.models << " models, " << score.values << " values, " << score.exact
            << " exact, " << score.folded << " folded\n";
  for (const auto& [type, count] : unknown) std::cout << "  unknown " << type << " " << count << "\n";
  return score;
}

TEST(InferOnnx, OperatorTests) {
  const fs::path data = onnx_test_data_folder() / "data";
  if (!fs::exists(data)) GTEST_SKIP() << "no " << data;
  const Score node = infer_onnx_below(data / "node");
  EXPECT_GE(node.models, 777);
  EXPECT_GE(node.exact, 860);
  EXPECT_GE(node.folded, 10);
  const Score simple = infer_onnx_below(data / "simple");
  EXPECT_GE(simple.models, 7);
  const Score converted = infer_onnx_below(data / "pytorch-converted");
  EXPECT_GE(converted.models, 82);
  const Score op = infer_onnx_below(data / "pytorch-operator");
  EXPECT_GE(op.models, 35);
}

// What onnxruntime-node 1.30 gives for inputs of these shapes.
struct KnownRun {
  std::string_view file;
  Shape input;
  std::map<std::string, Shape> outputs;
};

void expect_run(const fs::path& folder, const KnownRun& run) {
  const Bytes bytes = read_file(folder / run.file);
  ASSERT_FALSE(bytes.empty());
  auto model = onnx::read({{std::string(run.file), bytes}});
  ASSERT_TRUE(model) << model.error().message;
  Graph graph = model->graph;
  for (Value& value : graph.values) {
    if (!value.constant) value.type = {};
  }
  const auto& inputs = graph.scopes[0].inputs;
  const auto input = std::ranges::find_if(inputs, [&](ValueId id) { return !graph[id].constant; });
  ASSERT_NE(input, inputs.end());
  graph[*input].type = {DType::f32, run.input};
  const auto facts = infer_types(graph, model->files);
  ASSERT_TRUE(facts) << facts.error().message << " (" << facts.error().where << ")";
  for (const ValueId output : graph.scopes[0].outputs) {
    const auto expected = run.outputs.find(graph[output].name);
    ASSERT_NE(expected, run.outputs.end()) << graph[output].name;
    const TensorType wanted{DType::f32, expected->second};
    EXPECT_EQ((*facts)[output.index].type, wanted) << graph[output].name << ": " << text((*facts)[output.index].type);
  }
  for (const NodeId id : graph.scopes[0].nodes) {
    for (const ValueId output : graph[id].outputs) {
      const auto& shape = (*facts)[output.index].type.shape;
      EXPECT_TRUE(shape && element_count(*shape) >= 0) << graph[id].op.type << " '" << graph[output].name << "'";
    }
  }
}

TEST(InferOnnx, OcrModelsAtConcreteSizes) {
  const fs::path folder = packages_folder() / "@gutenye" / "ocr-models" / "assets";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  expect_run(folder, {"ch_PP-OCRv4_rec_infer.onnx", {1, 3, 48, 320}, {{"softmax_11.tmp_0", {1, 40, 6625}}}});
  expect_run(folder, {"ch_PP-OCRv4_rec_infer.onnx", {2, 3, 48, 203}, {{"softmax_11.tmp_0", {2, 25, 6625}}}});
  expect_run(folder, {"ch_PP-OCRv4_det_infer.onnx", {1, 3, 160, 224}, {{"sigmoid_0.tmp_0", {1, 1, 160, 224}}}});
  expect_run(folder, {"ch_ppocr_mobile_v2.0_cls_infer.onnx", {1, 3, 48, 192}, {{"softmax_0.tmp_0", {1, 2}}}});
}

TEST(InferOnnx, FaceModelsAtConcreteSizes) {
  const fs::path folder = shared_models_folder() / "onnx";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  expect_run(folder,
             {"ultraface_slim_320.onnx", {1, 3, 240, 320}, {{"scores", {1, 4420, 2}}, {"boxes", {1, 4420, 4}}}});
  KnownRun yunet{"yunet_n_dynamic.onnx", {1, 3, 96, 160}, {}};
  for (const auto& [head, size] : {std::pair{"cls_", 1}, {"obj_", 1}, {"bbox_", 4}, {"kps_", 10}}) {
    for (const auto& [stride, count] : {std::pair{"8", 240}, {"16", 60}, {"32", 15}}) {
      yunet.outputs[std::string(head) + stride] = {1, count, size};
    }
  }
  expect_run(folder, yunet);
}

TEST(InferTflite, RealModels) {
  const auto paths = tflite::real_models();
  if (paths.empty()) GTEST_SKIP() << "no TFLite models: set NARROWCAST_MODELS, or run npm ci";
  Score score;
  for (const auto& path : paths) {
    const Bytes bytes = read_file(path);
    const auto model = tflite::read_model(bytes);
    ASSERT_TRUE(model) << path;
    compare(*model, model->graph, score, path.filename().string());
  }
  EXPECT_GE(score.models, 5);
  EXPECT_EQ(score.exact, score.values);
}

// A version that the operands decide is the one that the file's converter wrote. MediaPipe's are hand-made.
TEST(InferTflite, VersionsAreTheConverters) {
  const auto paths = files_below(shared_models_folder() / "tflite", ".tflite");
  if (paths.empty()) GTEST_SKIP() << "no models of the converter's: set NARROWCAST_MODELS";
  int compared = 0;
  for (const auto& path : paths) {
    const Bytes bytes = read_file(path);
    const auto model = tflite::read_model(bytes);
    ASSERT_TRUE(model) << path;
    for (const Node& node : model->graph.nodes) {
      const ops::OpDef* def = ops::find_op(node.op);
      if (def == nullptr || def->tflite_version == nullptr) continue;
      std::vector<TensorType> types;
      std::vector<uint8_t> per_channel;
      for (const ValueId input : node.inputs) {
        types.push_back(input ? model->graph[input].type : TensorType{});
        const auto* quant = input && model->graph[input].quant ? &*model->graph[input].quant : nullptr;
        per_channel.push_back(quant != nullptr && quant->per_channel() ? 1 : 0);
      }
      EXPECT_EQ(def->tflite_version({node.op, types, per_channel}), node.op.version)
          << path.filename() << " " << node.op.type;
      ++compared;
    }
  }
  EXPECT_GE(compared, 100);
}

}  // namespace
}  // namespace narrowcast
