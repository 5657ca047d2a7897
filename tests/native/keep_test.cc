// Values that a program keeps are those of a run without any joining, bit for bit.
#include <gtest/gtest.h>

#include <map>

#include "exec/arrange.h"
#include "exec/constants.h"
#include "exec/runner.h"
#include "formats/onnx/records.h"
#include "formats/onnx/tensor.h"
#include "kernels/test_util.h"
#include "model_files.h"
#include "tflite_models.h"

namespace narrowcast {
namespace {

using testing::fs::path;

// Hashes of what was seen, by value, in order.
class Watcher final : public exec::Observer {
 public:
  void see(ValueId value, const ops::Tensor& tensor) override {
    const auto plain = exec::with_layout(pool_, tensor, ops::Layout::plain);
    ASSERT_TRUE(plain);
    const uint64_t seed = kernels::test::hash(plain->shape);
    hashes[value].push_back(kernels::test::hash(plain->data, plain->bytes(), seed));
  }
  std::map<ValueId, std::vector<uint64_t>> hashes;

 private:
  exec::Pool pool_;
};

// Random numbers of [-1, 1), or ones; sizes that the model leaves open are 1.
Result<ops::Tensor> input_for(exec::Pool& pool, const TensorType& type) {
  Shape shape = type.shape.value_or(Shape{});
  for (int64_t& size : shape) size = size < 0 ? 1 : size;
  NC_TRY(ops::Tensor tensor, ops::make_tensor(pool, type.dtype, shape));
  kernels::test::Random random(tensor.count());
  for (std::size_t i = 0; i < tensor.count(); ++i) {
    if (type.dtype == DType::f32) tensor.writable<float>()[i] = random.uniform();
    if (type.dtype == DType::i64) tensor.writable<int64_t>()[i] = 1;
    if (type.dtype == DType::i32) tensor.writable<int32_t>()[i] = 1;
    if (dtype_bits(type.dtype) == 8) tensor.writable<uint8_t>()[i] = 1;
  }
  return tensor;
}

using Inputs = Result<std::vector<ops::Tensor>> (*)(exec::Pool&, const Graph&, const path&);

Result<std::vector<ops::Tensor>> random_inputs(exec::Pool& pool, const Graph& graph, const path&) {
  std::vector<ops::Tensor> inputs;
  for (const ValueId input : graph.scopes[0].inputs) {
    NC_TRY(ops::Tensor tensor, input_for(pool, graph[input].type));
    inputs.push_back(std::move(tensor));
  }
  return inputs;
}

Result<std::vector<ops::Tensor>> case_inputs(exec::Pool& pool, const Graph& graph, const path& model) {
  std::vector<ops::Tensor> inputs;
  for (std::size_t i = 0; i < graph.scopes[0].inputs.size(); ++i) {
    const path file = model.parent_path() / "test_data_set_0" / ("input_" + std::to_string(i) + ".pb");
    const Bytes bytes = testing::read_file(file);
    const Files files{{"tensor.pb", bytes}};
    NC_TRY(const auto record, onnx::read_tensor(files, {0, 0, bytes.size()}));
    NC_TRY(ops::Tensor tensor, exec::load_constant(pool, files, record.constant));
    NC_CHECK(exec::own_bytes(pool, tensor));
    inputs.push_back(std::move(tensor));
  }
  return inputs;
}

Result<std::map<ValueId, std::vector<uint64_t>>> watch(const Model& model, const path& file, Inputs inputs_of,
                                                       const exec::CompileOptions& options) {
  exec::Pool pool;
  NC_TRY(const auto program, exec::compile(model.graph, model.files, ScopeId(0U), options));
  exec::Runner runner(*program, ScopeId(0U));
  Watcher watcher;
  runner.observe(&watcher);
  NC_TRY(std::vector<ops::Tensor> inputs, inputs_of(pool, model.graph, file));
  NC_CHECK(runner.start(inputs));
  for (bool done = false; !done;) {
    NC_TRY(done, runner.step());
  }
  return watcher.hashes;
}

struct Tally {
  int models = 0;
  int values = 0;
  int in_bodies = 0;
};

void check(const path& file, const Model& model, Inputs inputs_of, Tally& tally) {
  SCOPED_TRACE(file.string());
  const auto alone = watch(model, file, inputs_of, {.fuse = false});
  if (!alone) return;  // ops or inputs that do not run
  ++tally.models;
  kernels::test::Random random(7);
  for (const unsigned share : {1U, 2U, 9U}) {  // all, about half, about a ninth of the values
    std::vector<ValueId> kept;
    for (const auto& [value, hashes] : *alone) {
      if (random.below(share) == 0) kept.push_back(value);
    }
    if (kept.empty()) continue;
    const auto seen = watch(model, file, inputs_of, {.keep = kept});
    ASSERT_TRUE(seen) << seen.error().message;
    for (const ValueId value : kept) {
      const auto found = seen->find(value);
      ASSERT_NE(found, seen->end()) << model.graph[value].name;
      ASSERT_EQ(found->second, alone->at(value)) << model.graph[value].name;
      ++tally.values;
      tally.in_bodies += model.graph[value].scope != ScopeId(0U) ? 1 : 0;
    }
  }
}

TEST(Keep, ValuesOfRealModels) {
  std::vector<path> files{testing::source_folder() / "models" / "digits.onnx"};
  for (const char* package : {"@gutenye", "@jjhbw", "openwakeword-js"}) {
    for (const path& file : testing::files_below(testing::packages_folder() / package, ".onnx")) files.push_back(file);
  }
  Tally tally;
  for (const path& file : files) {
    const Bytes bytes = testing::read_file(file);
    if (bytes.size() > 6'000'000) continue;  // a test under sanitizers takes its time
    const auto model = onnx::read({{"model.onnx", bytes}});
    if (model) check(file, *model, random_inputs, tally);
  }
  for (const path& file : tflite::real_models()) {
    const Bytes bytes = testing::read_file(file);
    if (bytes.size() > 2'000'000) continue;
    const auto model = tflite::read_model(bytes);
    if (model) check(file, *model, random_inputs, tally);
  }
  EXPECT_GE(tally.models, 1);
  EXPECT_GE(tally.values, 10);
  std::printf("%d models, %d values, %d in bodies\n", tally.models, tally.values, tally.in_bodies);
}

TEST(Keep, ValuesInBodies) {
  const path folder = testing::onnx_test_data_folder() / "data" / "node";
  if (!testing::fs::exists(folder)) GTEST_SKIP() << "no operator tests";
  Tally tally;
  for (const char* name : {"test_if", "test_loop11", "test_scan9_sum"}) {
    const path file = folder / name / "model.onnx";
    const Bytes bytes = testing::read_file(file);
    const auto model = onnx::read({{"model.onnx", bytes}});
    ASSERT_TRUE(model) << name;
    check(file, *model, case_inputs, tally);
  }
  EXPECT_GE(tally.models, 2);
  EXPECT_GE(tally.in_bodies, 5);
}

}  // namespace
}  // namespace narrowcast
