#include "kernels/bench_util.h"
#include "kernels/normalize/normalize.h"
#include "kernels/softmax/softmax.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

constexpr std::size_t kCached = 1 << 16;

void items(benchmark::State& state, std::size_t n) {
  state.SetItemsProcessed(static_cast<int64_t>(n) * static_cast<int64_t>(state.iterations()));
}

// state.range: n, inner.
void softmax(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0)), inner = static_cast<std::size_t>(state.range(1));
  const std::size_t outer = kCached / (n * inner);
  std::vector<float> y(kCached);
  const SoftmaxF32 f = softmax_f32__simd;
  for (auto _ : state) {
    f(source().data(), outer, n, inner, y.data());
    benchmark::ClobberMemory();
  }
  items(state, outer * n * inner);
}
BENCHMARK(softmax)->ArgNames({"n", "inner"})->Args({128, 1})->Args({512, 1})->Args({1000, 1})->Args({21, 256});

void layer_norm(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  std::vector<float> y(kCached), gamma(n, 1.5f), beta(n, 0.5f);
  const RowNorm p{.rows = kCached / n, .n = n, .gamma = gamma.data(), .beta = beta.data(), .epsilon = 1e-5f};
  for (auto _ : state) {
    layer_norm_f32(source().data(), p, y.data());
    benchmark::ClobberMemory();
  }
  items(state, p.rows * n);
}
BENCHMARK(layer_norm)->Arg(128)->Arg(512)->Arg(1000);

// state.range: pixels, channels.
void instance_norm_nhwc(benchmark::State& state) {
  const auto pixels = static_cast<std::size_t>(state.range(0)), channels = static_cast<std::size_t>(state.range(1));
  std::vector<float> y(pixels * channels), scratch(3 * channels);
  const GroupNorm p{.batch = 1, .pixels = pixels, .channels = channels, .groups = channels, .epsilon = 1e-5f};
  for (auto _ : state) {
    group_norm_nhwc_f32(source().data(), p, y.data(), scratch.data());
    benchmark::ClobberMemory();
  }
  items(state, pixels * channels);
}
BENCHMARK(instance_norm_nhwc)->Args({12544, 64})->Args({65536, 32});

void lrn(benchmark::State& state) {
  std::vector<float> y(3025 * 96), scratch(100);
  const Lrn p{
      .outer = 3025, .channels = 96, .inner = 1, .below = 2, .above = 2, .alpha = 2e-5f, .beta = 0.75f, .bias = 1};
  for (auto _ : state) {
    lrn_f32(source().data(), p, y.data(), scratch.data());
    benchmark::ClobberMemory();
  }
  items(state, y.size());
}
BENCHMARK(lrn);

}  // namespace
}  // namespace narrowcast::kernels
