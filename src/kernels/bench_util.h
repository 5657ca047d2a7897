// What the kernels' benches share: data of a size that no cache holds, and the ceilings measured in the same run.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#include "kernels/simd.h"
#include "kernels/test_util.h"

namespace narrowcast::kernels::bench {

inline constexpr std::size_t kElements = std::size_t{25} << 20;  // 100 MiB of float32

inline const std::vector<float>& source() {
  static const std::vector<float> values = [] {
    test::Random random(1);
    std::vector<float> made(kElements);
    for (float& value : made) value = random.uniform();
    return made;
  }();
  return values;
}

// Bytes per second of copying the source: the best of five, once a run.
inline double memcpy_ceiling() {
  static const double best = [] {
    std::vector<float> to(kElements);
    double fastest = 0;
    for (int i = 0; i < 5; ++i) {
      const auto before = std::chrono::steady_clock::now();
      std::memcpy(to.data(), source().data(), 4 * kElements);
      benchmark::DoNotOptimize(to.data());
      benchmark::ClobberMemory();
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
      fastest = std::max(fastest, static_cast<double>(4 * kElements) / took.count());
    }
    return fastest;
  }();
  return best;
}

// Runs `body` and reports `bytes` of source per pass, also as a share of memcpy's speed ("of_memcpy").
template <typename Body>
void measure(benchmark::State& state, std::size_t bytes, Body body) {
  const double ceiling = memcpy_ceiling();
  body();  // the first pass touches the output's pages
  const auto before = std::chrono::steady_clock::now();
  for (auto _ : state) {
    body();
    benchmark::ClobberMemory();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
  const double total = static_cast<double>(bytes) * static_cast<double>(state.iterations());
  state.SetBytesProcessed(static_cast<int64_t>(total));
  state.counters["of_memcpy"] = total / took.count() / ceiling;
}

// Chains x = x * a + b in registers.
template <std::size_t chains>
void multiply_add_chains(float* values, std::size_t steps) {
  using namespace simd;
  const V a = f32x4_splat(0.5f);
  const V b = f32x4_splat(1.0f);
  V x[chains];
  for (std::size_t i = 0; i < chains; ++i) x[i] = load(values + 4 * i);
  for (std::size_t step = 0; step < steps; ++step) {
#pragma GCC unroll 16  // a compiler that keeps the loop keeps the chains in memory
    for (V& chain : x) chain = f32x4_add(f32x4_mul(chain, a), b);
  }
  for (std::size_t i = 0; i < chains; ++i) store(values + 4 * i, x[i]);
}

inline double seconds_of(const std::function<void()>& body) {
  const auto before = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
}

inline double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

// Operations (a multiplication or an addition of one lane) per second, the median of 41 runs of 40 microseconds. The
// pointer keeps the chains a function that is entered anew and so compiled well.
template <std::size_t chains>
double chain_rate() {
  constexpr std::size_t steps = 20000;
  float values[4 * chains] = {};
  void (*volatile run)(float*, std::size_t) = multiply_add_chains<chains>;
  std::vector<double> rates(41);
  for (double& rate : rates) rate = 2.0 * 4 * chains * steps / seconds_of([&] { run(values, steps); });
  benchmark::DoNotOptimize(values);
  return median(rates);
}

// What float32 vectors in registers do at this moment, beside which a kernel is timed. Twelve chains hide the latency
// of both operations, fewer leave registers to a compiler that copies.
inline double multiply_add_ceiling() {
  return std::max({chain_rate<6>(), chain_rate<8>(), chain_rate<10>(), chain_rate<12>()});
}

// Runs `body`, which does `operations` multiplications and additions: the median of their rates ("Gops"), and its share
// of the ceiling measured just before and after ("of_peak"), since a shared machine has slow and fast minutes.
template <typename Body>
void measure_operations(benchmark::State& state, double operations, Body body) {
  for (int i = 0; i < 3; ++i) body();  // an engine that compiles twice has its fast code after a few calls
  const double before = multiply_add_ceiling();
  std::vector<double> rates;
  for (auto _ : state) {
    rates.push_back(operations / seconds_of(body));
    benchmark::ClobberMemory();
  }
  const double ceiling = (before + multiply_add_ceiling()) / 2;
  const double rate = median(std::move(rates));
  state.counters["Gops"] = rate * 1e-9;
  state.counters["of_peak"] = rate / ceiling;
}

}  // namespace narrowcast::kernels::bench
