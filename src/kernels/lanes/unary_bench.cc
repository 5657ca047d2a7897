#include "kernels/bench_util.h"
#include "kernels/lanes/binary.h"
#include "kernels/lanes/unary.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

// Within the first-level cache: what the arithmetic costs.
constexpr std::size_t kCached = 4096;

void unary(benchmark::State& state, UnaryKind kind) {
  const UnaryF32 f = unary_f32(kind);
  std::vector<float> x(source().begin(), source().begin() + kCached);
  for (float& value : x) value *= 4;
  std::vector<float> y(kCached);
  const LaneParams p{0.1f, 0.5f};
  for (auto _ : state) {
    f(x.data(), y.data(), kCached, p);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<int64_t>(kCached) * static_cast<int64_t>(state.iterations()));
}

void binary(benchmark::State& state, BinaryKind kind, bool scalar) {
  const BinaryForms forms = binary_f32(kind);
  std::vector<float> x(source().begin(), source().begin() + kCached);
  std::vector<float> y(kCached);
  for (auto _ : state) {
    (scalar ? forms.vector_scalar : forms.vector_vector)(x.data(), x.data() + 1, y.data(), kCached - 1);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<int64_t>(kCached - 1) * static_cast<int64_t>(state.iterations()));
}

// From memory: a share of memcpy.
void unary_relu_large(benchmark::State& state) {
  std::vector<float> y(kElements);
  measure(state, 4 * kElements, [&] { unary_f32(UnaryKind::relu)(source().data(), y.data(), kElements, {}); });
}
BENCHMARK(unary_relu_large)->Unit(benchmark::kMillisecond);

const bool kRegistered = [] {
#define NC_ENTRY(name) benchmark::RegisterBenchmark("unary_" #name, unary, UnaryKind::name);
  NC_UNARY_KINDS(NC_ENTRY)
#undef NC_ENTRY
  for (BinaryKind kind : {BinaryKind::add, BinaryKind::div, BinaryKind::max, BinaryKind::prelu, BinaryKind::pow}) {
    benchmark::RegisterBenchmark((std::string("binary_") + name_of(kind)).c_str(), binary, kind, false);
    benchmark::RegisterBenchmark((std::string("binary_scalar_") + name_of(kind)).c_str(), binary, kind, true);
  }
  return true;
}();

}  // namespace
}  // namespace narrowcast::kernels
