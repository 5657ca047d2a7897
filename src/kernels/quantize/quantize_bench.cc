#include "kernels/bench_util.h"
#include "kernels/min_max/min_max.h"
#include "kernels/quantize/quantize.h"
#include "kernels/scale/scale.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

Rounding rounding_arg(int64_t arg) { return arg == 0 ? Rounding::float32_half_even : Rounding::float64_half_away; }

// state.range: rounding.
void quantize_i8(benchmark::State& state) {
  std::vector<int8_t> q(kElements);
  const CodeSpec spec{kI8, rounding_arg(state.range(0))};
  measure(state, 4 * kElements, [&] { quantize_f32_i8(source().data(), kElements, 1.0 / 127, 0, spec, q.data()); });
}
BENCHMARK(quantize_i8)->ArgName("half_away")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// state.range: rounding, channels, inner.
void quantize_i8_per_channel(benchmark::State& state) {
  const ChannelLayout layout{static_cast<std::size_t>(state.range(1)), static_cast<std::size_t>(state.range(2))};
  std::vector<int8_t> q(kElements);
  const std::vector<double> scale(layout.channels, 1.0 / 127);
  const CodeSpec spec{kI8, rounding_arg(state.range(0))};
  measure(state, 4 * kElements, [&] {
    quantize_f32_i8_per_channel(source().data(), kElements, 0, layout, {scale.data(), nullptr}, spec, q.data());
  });
}
BENCHMARK(quantize_i8_per_channel)
    ->ArgNames({"half_away", "channels", "inner"})
    ->ArgsProduct({{0, 1}, {1024}, {1, 9, 1024}})
    ->Args({0, 3, 1})
    ->Args({0, 1000, 1})
    ->Unit(benchmark::kMillisecond);

// The whole path of a weight, as the engine goes it: range, scales, codes in chunks of 64 KiB. The goal is 1 GB/s.
constexpr std::size_t kChunk = 16384;

void whole_path_i8(benchmark::State& state) {
  std::vector<int8_t> q(kElements);
  measure(state, 4 * kElements, [&] {
    const MinMax range = min_max_f32(source().data(), kElements);
    const ScaleZeroPoint found = compute_scale_zero_point(range.min, range.max, kI8Narrow, true);
    for (std::size_t i = 0; i < kElements; i += kChunk) {
      const std::size_t count = std::min(kChunk, kElements - i);
      quantize_f32_i8(source().data() + i, count, found.scale, found.zero_point, {kI8}, q.data() + i);
    }
  });
}
BENCHMARK(whole_path_i8)->Unit(benchmark::kMillisecond);

// state.range: rounding, channels, inner.
void whole_path_i8_per_channel(benchmark::State& state) {
  const ChannelLayout layout{static_cast<std::size_t>(state.range(1)), static_cast<std::size_t>(state.range(2))};
  const CodeSpec spec{kI8, rounding_arg(state.range(0))};
  const std::size_t outer = kElements / (layout.channels * layout.inner);
  const std::size_t n = outer * layout.channels * layout.inner;
  std::vector<int8_t> q(n);
  std::vector<float> mins(layout.channels), maxs(layout.channels);
  std::vector<double> scale(layout.channels);
  measure(state, 4 * n, [&] {
    min_max_f32_per_channel(source().data(), outer, layout, mins.data(), maxs.data());
    for (std::size_t c = 0; c < layout.channels; ++c) {
      scale[c] = compute_scale_zero_point(mins[c], maxs[c], kI8Narrow, true).scale;
    }
    for (std::size_t i = 0; i < n; i += kChunk) {
      quantize_f32_i8_per_channel(source().data() + i, std::min(kChunk, n - i), i, layout, {scale.data(), nullptr},
                                  spec, q.data() + i);
    }
  });
}
BENCHMARK(whole_path_i8_per_channel)
    ->ArgNames({"half_away", "channels", "inner"})
    ->ArgsProduct({{0, 1}, {1024}, {1, 9, 1024}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace narrowcast::kernels
