// Types and shapes of every real model and operator test: what the file declares is forgotten and inferred again.
#include <gtest/gtest.h>

#include <map>

#include "formats/onnx/records.h"
#include "formats/onnx/tensor.h"
#include "model_files.h"
#include "passes/infer_types.h"
#include "tflite_models.h"

namespace narrowcast {
namespace {

using namespace testing;

struct Score {
  int models = 0;
  int values = 0;  // compared
  int exact = 0;   // of them, with every size inferred
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

// Forgets the types of what nodes make, infers them, compares.
void compare(const Model& model, const Graph& declared, Score& score, const std::string& label) {
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
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    const TensorType& expected = declared.values[i].type;
    if (!made[i] || expected.dtype == DType::unknown || expected.dtype == DType::other) continue;
    const TensorType& inferred = (*facts)[i].type;
    bool exact = false;
    EXPECT_TRUE(fits(inferred, expected, exact))
        << label << ": '" << graph.values[i].name << "' is " << text(expected) << ", not " << text(inferred);
    ++score.values;
    if (exact) ++score.exact;
    if (!exact && std::getenv("NC_SHOW") != nullptr) {
      std::cout << label << " " << (graph.values[i].producer ? graph[graph.values[i].producer].op.type : "") << " "
                << graph.values[i].name << " " << text(expected) << " " << text(inferred) << "\n";
    }
  }
}

// Gives the graph's inputs the test's own elements, so that shapes that are computed from them are known.
void feed_inputs(Graph& graph, const fs::path& folder, std::vector<Bytes>& bytes) {
  const auto& inputs = graph.scopes[0].inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Value& value = graph[inputs[i]];
    bytes.push_back(read_file(folder / "test_data_set_0" / ("input_" + std::to_string(i) + ".pb")));
    if (bytes.back().empty() || value.constant || value.type.dtype == DType::other) continue;
    const Files files{{"input.pb", bytes.back()}};
    auto tensor = onnx::read_tensor(files, {0, 0, bytes.back().size()});
    // The one of CastLike to bfloat16 holds another type than it declares.
    if (!tensor || tensor->opaque || tensor->constant.dtype != value.type.dtype) continue;
    Bytes owned(static_cast<std::size_t>(payload_length(tensor->constant.payload)));
    read_payload(files, tensor->constant.payload, 0, owned);
    tensor->constant.payload = std::move(owned);
    value.type = {tensor->constant.dtype, tensor->constant.shape};
    value.constant = std::move(tensor->constant);
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
    std::vector<Bytes> inputs;
    feed_inputs(graph, path.parent_path(), inputs);
    compare(*model, graph, score, path.parent_path().filename().string());
  }
  std::cout << folder.string() << ": " << score.models << " models, " << score.values << " values, " << score.exact
            << " exact\n";
  if (std::getenv("NC_SHOW") != nullptr) {
    for (const auto& [type, count] : unknown) std::cout << "  unknown " << type << " " << count << "\n";
  }
  return score;
}

TEST(InferOnnx, OperatorTests) {
  const fs::path data = onnx_test_data_folder() / "data";
  if (!fs::exists(data)) GTEST_SKIP() << "no " << data;
  const Score node = infer_onnx_below(data / "node");
  EXPECT_GE(node.models, 500);
  const Score simple = infer_onnx_below(data / "simple");
  EXPECT_GE(simple.models, 1);
  const Score converted = infer_onnx_below(data / "pytorch-converted");
  EXPECT_GE(converted.models, 1);
  const Score op = infer_onnx_below(data / "pytorch-operator");
  EXPECT_GE(op.models, 1);
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
  std::cout << "tflite: " << score.models << " models, " << score.values << " values, " << score.exact << " exact\n";
}

}  // namespace
}  // namespace narrowcast
