#include "kernels/bench_util.h"
#include "kernels/half/half.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

void f32_to_f16(benchmark::State& state) {
  std::vector<uint16_t> h(kElements);
  measure(state, 4 * kElements, [&] { convert_f32_f16(source().data(), kElements, h.data()); });
}
BENCHMARK(f32_to_f16)->Unit(benchmark::kMillisecond);

void f32_to_f16_clamped(benchmark::State& state) {
  std::vector<uint16_t> h(kElements);
  measure(state, 4 * kElements,
          [&] { benchmark::DoNotOptimize(convert_f32_f16_clamped(source().data(), kElements, h.data())); });
}
BENCHMARK(f32_to_f16_clamped)->Unit(benchmark::kMillisecond);

void f16_to_f32(benchmark::State& state) {
  std::vector<uint16_t> h(kElements);
  std::vector<float> x(kElements);
  convert_f32_f16(source().data(), kElements, h.data());
  measure(state, 2 * kElements, [&] { convert_f16_f32(h.data(), kElements, x.data()); });
}
BENCHMARK(f16_to_f32)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace narrowcast::kernels
