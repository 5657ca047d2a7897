// What calibration costs beyond the runs: observing a tensor, and choosing a range from what was seen.
#include "calib/observer.h"
#include "kernels/bench_util.h"

namespace narrowcast::calib {
namespace {

constexpr std::size_t kActivation = std::size_t{16} * 224 * 224;

// Bell-shaped, with a few values far out, as activations are.
const std::vector<float>& activation() {
  static const std::vector<float> values = [] {
    kernels::test::Random random(3);
    std::vector<float> made(kActivation);
    for (float& value : made) {
      value = random.uniform() + random.uniform() + random.uniform() + random.uniform();
      if (random.below(5000) == 0) value *= 6;
    }
    return made;
  }();
  return values;
}

const ObserverKind& kind_of(const benchmark::State& state) {
  return observer_kinds()[static_cast<std::size_t>(state.range(0))];
}

void observe(benchmark::State& state) {
  const auto observer = kind_of(state).create();
  kernels::bench::measure(state, 4 * kActivation, [&] { observer->observe(activation().data(), kActivation, 0); });
  state.SetLabel(std::string(kind_of(state).name));
}
BENCHMARK(observe)->DenseRange(0, 4)->Unit(benchmark::kMicrosecond);

void choose_range(benchmark::State& state) {
  const auto observer = kind_of(state).create();
  observer->observe(activation().data(), kActivation, 0);
  for (auto _ : state) benchmark::DoNotOptimize(observer->range({}));
  state.SetLabel(std::string(kind_of(state).name));
}
BENCHMARK(choose_range)->DenseRange(0, 4)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace narrowcast::calib
