#include <memory>

#include "kernels/bench_util.h"
#include "kernels/histogram/histogram.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

// Reads as large as an activation of 16 x 224 x 224: what a cache of the second or third level holds.
constexpr std::size_t kActivation = std::size_t{16} * 224 * 224;

void count(benchmark::State& state, const std::vector<float>& x) {
  auto counts = std::make_unique<HistogramCounts>();
  measure(state, 4 * x.size(), [&] {
    histogram_f32(x.data(), x.size(), -11, *counts);
    benchmark::DoNotOptimize(counts.get());
  });
  state.counters["Gelements"] =
      benchmark::Counter(static_cast<double>(x.size() * state.iterations()) * 1e-9, benchmark::Counter::kIsRate);
}

// Every bin as likely as any other: the worst case for the cache.
void histogram_uniform(benchmark::State& state) { count(state, source()); }
BENCHMARK(histogram_uniform)->Unit(benchmark::kMillisecond);

// As behind a Relu: half zeros, the rest mostly small.
void histogram_relu(benchmark::State& state) {
  std::vector<float> x(source().begin(), source().begin() + kActivation);
  for (float& value : x) value = value > 0 ? value * value * value : 0;
  count(state, x);
}
BENCHMARK(histogram_relu)->Unit(benchmark::kMicrosecond);

// The worst case for chains of stores and loads: one bin.
void histogram_constant(benchmark::State& state) { count(state, std::vector<float>(kActivation, 0.25F)); }
BENCHMARK(histogram_constant)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace narrowcast::kernels
