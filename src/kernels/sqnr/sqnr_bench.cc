#include "kernels/bench_util.h"
#include "kernels/dequantize/dequantize.h"
#include "kernels/sqnr/sqnr.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

void sqnr(benchmark::State& state) {
  std::vector<float> y(source());
  measure(state, 4 * kElements, [&] {
    SqnrSums sums;
    accumulate_sqnr(source().data(), y.data(), kElements, sums);
    benchmark::DoNotOptimize(sums);
  });
}
BENCHMARK(sqnr)->Unit(benchmark::kMillisecond);

void dequantize_i8(benchmark::State& state) {
  std::vector<int8_t> q(kElements, 5);
  std::vector<float> x(kElements);
  measure(state, kElements, [&] { dequantize_i8_f32(q.data(), kElements, 0.1, 3, x.data()); });
}
BENCHMARK(dequantize_i8)->Unit(benchmark::kMillisecond);

// The ceiling that the others are compared with.
void memcpy_f32(benchmark::State& state) {
  std::vector<float> to(kElements);
  measure(state, 4 * kElements, [&] {
    std::memcpy(to.data(), source().data(), 4 * kElements);
    benchmark::DoNotOptimize(to.data());
  });
}
BENCHMARK(memcpy_f32)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace narrowcast::kernels
