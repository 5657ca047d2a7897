#include "onnx_case.h"

#include <cmath>

#include "base/half.h"
#include "exec/constants.h"
#include "formats/onnx/records.h"
#include "formats/onnx/tensor.h"

namespace narrowcast::testing {
namespace {

using ops::Tensor;

// A tensor file, its bytes owned by the pool. Nothing when it holds no plain tensor (a sequence, strings).
std::optional<Tensor> load_tensor(exec::Pool& pool, const fs::path& path) {
  const Bytes bytes = read_file(path);
  const Files files{{"tensor.pb", bytes}};
  const auto record = onnx::read_tensor(files, {0, 0, bytes.size()});
  if (!record || record->opaque || record->constant.dtype == DType::unknown) return std::nullopt;
  auto tensor = exec::load_constant(pool, files, record->constant);
  if (!tensor || !tensor->present() || !exec::own_bytes(pool, *tensor)) return std::nullopt;
  return *tensor;
}

double element(const Tensor& tensor, std::size_t i) {
  switch (tensor.dtype) {
    case DType::f32:
      return tensor.as<float>()[i];
    case DType::f64:
      return tensor.as<double>()[i];
    case DType::f16:
      return f16_to_f32(tensor.as<uint16_t>()[i]);
    case DType::bf16:
      return bf16_to_f32(tensor.as<uint16_t>()[i]);
    case DType::u64:
      return static_cast<double>(tensor.as<uint64_t>()[i]);
    default:
      return static_cast<double>(ops::integers_of(tensor)[i]);
  }
}

bool is_float(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f64 || dtype == DType::f16 || dtype == DType::bf16;
}

bool close(double got, double expected, Tolerance tolerance) {
  if (std::isnan(expected)) return std::isnan(got);
  if (std::isinf(expected) || std::isinf(got)) return got == expected;
  return std::abs(got - expected) <= tolerance.absolute + tolerance.relative * std::abs(expected);
}

std::string compare(const Tensor& got, const Tensor& expected, Tolerance tolerance) {
  if (got.dtype != expected.dtype) {
    return "is " + std::string(dtype_name(got.dtype)) + ", not " + std::string(dtype_name(expected.dtype));
  }
  if (got.shape != expected.shape) return "is " + shape_text(got.shape) + ", not " + shape_text(expected.shape);
  if (!is_float(got.dtype)) {
    const auto* bytes = got.data;
    for (std::size_t i = 0; i < got.bytes(); ++i) {
      if (bytes[i] != expected.data[i]) return "differs in byte " + std::to_string(i);
    }
    return {};
  }
  for (std::size_t i = 0; i < got.count(); ++i) {
    const double a = element(got, i);
    const double b = element(expected, i);
    if (!close(a, b, tolerance)) {
      return "[" + std::to_string(i) + "] is " + std::to_string(a) + ", not " + std::to_string(b);
    }
  }
  return {};
}

CaseResult run_set(exec::Program& program, const fs::path& data, Tolerance tolerance) {
  const Graph& graph = program.graph;
  exec::Pool pool;
  exec::Runner runner(program, ScopeId(0U));
  std::vector<Tensor> inputs;
  std::size_t given = 0;
  for (const ValueId input : graph.scopes[0].inputs) {
    if (graph[input].constant) {
      inputs.emplace_back();
      continue;
    }
    auto tensor = load_tensor(pool, data / ("input_" + std::to_string(given++) + ".pb"));
    if (!tensor) return {CaseState::not_run, "an input is no plain tensor", {}};
    inputs.push_back(std::move(*tensor));
  }
  const Status started = runner.start(inputs);
  if (!started) return {CaseState::failed, started.error().message, {}};
  for (;;) {
    const auto done = runner.step();
    if (!done) {
      const bool known = done.error().code == ErrorCode::unsupported;
      return {known ? CaseState::not_run : CaseState::failed, done.error().message, {}};
    }
    if (*done) break;
  }
  const auto results = runner.results();
  if (!results) return {CaseState::failed, results.error().message, {}};
  for (std::size_t i = 0; i < results->size(); ++i) {
    const auto expected = load_tensor(pool, data / ("output_" + std::to_string(i) + ".pb"));
    if (!expected) return {CaseState::not_run, "an output is no plain tensor", {}};
    const std::string difference = compare((*results)[i], *expected, tolerance);
    if (!difference.empty()) return {CaseState::failed, "output " + std::to_string(i) + " " + difference, {}};
  }
  return {CaseState::passed, {}, {}};
}

}  // namespace

CaseResult run_case(const fs::path& folder, const exec::CompileOptions& options, Tolerance tolerance, Rewrite rewrite) {
  Bytes bytes = read_file(folder / "model.onnx");
  if (rewrite != nullptr) {
    auto rewritten = rewrite(bytes);
    if (!rewritten) {
      const bool known = rewritten.error().code == ErrorCode::unsupported;
      return {known ? CaseState::not_run : CaseState::failed, rewritten.error().message, {}};
    }
    bytes = std::move(*rewritten);
  }
  const Files files{{"model.onnx", bytes}};
  const auto model = onnx::read(files);
  if (!model) return {CaseState::failed, model.error().message, {}};
  CaseResult result{CaseState::not_run, {}, {}};
  for (const exec::MissingOp& missing : exec::missing_ops(model->graph)) {
    result.missing.push_back(missing.op);
  }
  if (!result.missing.empty()) return result;
  auto program = exec::compile(model->graph, model->files, ScopeId(0U), options);
  if (!program) {
    const bool known = program.error().code == ErrorCode::unsupported;
    return {known ? CaseState::not_run : CaseState::failed, program.error().message + " " + program.error().where, {}};
  }
  for (int set = 0;; ++set) {
    const fs::path data = folder / ("test_data_set_" + std::to_string(set));
    if (!fs::exists(data)) break;
    result = run_set(**program, data, tolerance);
    if (result.state != CaseState::passed) return result;
  }
  return result;
}

}  // namespace narrowcast::testing
