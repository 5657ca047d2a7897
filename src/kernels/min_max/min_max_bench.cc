#include "kernels/bench_util.h"
#include "kernels/min_max/min_max.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

void min_max(benchmark::State& state) {
  measure(state, 4 * kElements, [] { benchmark::DoNotOptimize(min_max_f32(source().data(), kElements)); });
}
BENCHMARK(min_max)->Unit(benchmark::kMillisecond);

// state.range: channels, inner.
void min_max_per_channel(benchmark::State& state) {
  const ChannelLayout layout{static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1))};
  const std::size_t outer = kElements / (layout.channels * layout.inner);
  std::vector<float> mins(layout.channels), maxs(layout.channels);
  measure(state, 4 * outer * layout.channels * layout.inner,
          [&] { min_max_f32_per_channel(source().data(), outer, layout, mins.data(), maxs.data()); });
}
BENCHMARK(min_max_per_channel)
    ->ArgNames({"channels", "inner"})
    ->Args({3, 1})
    ->Args({1024, 1})
    ->Args({1000, 1})
    ->Args({512, 9})
    ->Args({1024, 1024})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace narrowcast::kernels
