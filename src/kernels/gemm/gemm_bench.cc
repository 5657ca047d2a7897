#include "kernels/bench_util.h"
#include "kernels/gemm/gemm.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

// state.range: rows, columns, depth.
void gemm(benchmark::State& state) {
  const auto m = static_cast<std::size_t>(state.range(0));
  const auto n = static_cast<std::size_t>(state.range(1));
  const auto k = static_cast<std::size_t>(state.range(2));
  const std::vector<float> a = test::floats(m * k, test::Mix::ordinary, 1);
  const std::vector<float> b = test::floats(n * k, test::Mix::ordinary, 2);
  const std::vector<float> bias = test::floats(n, test::Mix::ordinary, 3);
  std::vector<float> packed(packed_gemm_floats(n, k)), c(m * n);
  pack_gemm_f32(b.data(), n, k, n, 1, nullptr, packed.data());
  measure_operations(state, 2.0 * static_cast<double>(m * n * k), [&] {
    gemm_f32(m, n, k, a.data(), k, packed.data(), bias.data(), c.data(), n, {});
    benchmark::DoNotOptimize(c.data());
  });
}
BENCHMARK(gemm)
    ->ArgNames({"m", "n", "k"})
    ->Args({64, 64, 64})
    ->Args({128, 128, 128})
    ->Args({512, 512, 512})
    ->Args({1024, 1024, 1024})
    ->Args({12544, 16, 27})
    ->Args({12544, 64, 16})
    ->Args({3136, 64, 64})
    ->Args({3136, 64, 576})
    ->Args({784, 128, 1152})
    ->Args({196, 256, 256})
    ->Args({196, 512, 1024})
    ->Args({48, 2048, 512})
    ->Args({48, 512, 4608})
    ->Args({3, 512, 512})
    ->Args({2, 512, 512})
    ->Args({1, 128, 128})
    ->Args({1, 512, 512})
    ->Args({1, 1000, 1280})
    ->Args({1, 1024, 1024})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace narrowcast::kernels
