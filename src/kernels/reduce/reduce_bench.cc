#include "kernels/bench_util.h"
#include "kernels/reduce/reduce.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

// state.range: n, inner; as many outer as 100 MiB hold.
void reduce(benchmark::State& state, ReduceKind kind) {
  const auto n = static_cast<std::size_t>(state.range(0)), inner = static_cast<std::size_t>(state.range(1));
  const std::size_t outer = kElements / (n * inner);
  std::vector<float> y(outer * inner);
  measure(state, 4 * outer * n * inner, [&] { reduce_f32(kind)(source().data(), outer, n, inner, y.data()); });
}
void shapes(benchmark::internal::Benchmark* made) {
  made->ArgNames({"n", "inner"})->Args({64, 1})->Args({4096, 1})->Args({49, 512})->Args({3136, 64});
  made->Unit(benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(reduce, sum, ReduceKind::sum)->Apply(shapes);
BENCHMARK_CAPTURE(reduce, max, ReduceKind::max)->Apply(shapes);

}  // namespace
}  // namespace narrowcast::kernels
