// What the kernels' benches share: data of a size that no cache holds, and the memcpy ceiling measured in the same run.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

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

}  // namespace narrowcast::kernels::bench
