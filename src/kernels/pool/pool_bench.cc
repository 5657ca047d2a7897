#include "kernels/bench_util.h"
#include "kernels/permute/permute.h"
#include "kernels/pool/pool.h"
#include "kernels/resize/resize.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

constexpr PoolAxis square(std::size_t in, std::size_t kernel, std::size_t stride, std::size_t pad) {
  return {in, (in + 2 * pad - kernel) / stride + 1, kernel, stride, 1, pad, pad};
}

// Bytes in and out, within the caches, beside a copy of the same size (memcpy_cached).
void moved(benchmark::State& state, std::size_t floats) {
  state.SetBytesProcessed(static_cast<int64_t>(4 * floats) * static_cast<int64_t>(state.iterations()));
}

void memcpy_cached(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  std::vector<float> y(n);
  for (auto _ : state) {
    std::memcpy(y.data(), source().data(), 4 * n);
    benchmark::ClobberMemory();
  }
  moved(state, 2 * n);
}
BENCHMARK(memcpy_cached)->Arg(200704)->Arg(614400);

using Pool = void (*)(const float* x, const Pool2d& p, float* y);

// state.range: side, channels, kernel, stride, pad.
void pool(benchmark::State& state, Pool f) {
  const PoolAxis axis = square(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(2)),
                               static_cast<std::size_t>(state.range(3)), static_cast<std::size_t>(state.range(4)));
  const Pool2d p{.channels = static_cast<std::size_t>(state.range(1)), .y = axis, .x = axis};
  std::vector<float> y(axis.out * axis.out * p.channels);
  for (auto _ : state) {
    f(source().data(), p, y.data());
    benchmark::ClobberMemory();
  }
  moved(state, axis.in * axis.in * p.channels + y.size());
}
void pool_shapes(benchmark::internal::Benchmark* made) {
  made->Args({104, 64, 2, 2, 0})->Args({112, 64, 3, 2, 1})->Args({13, 128, 5, 1, 2})->Args({56, 128, 3, 1, 1});
  made->Unit(benchmark::kMicrosecond);
}
void separable(const float* x, const Pool2d& p, float* y) {
  static std::vector<float> scratch(1 << 22);
  max_pool_separable_f32(x, p, y, scratch.data());
}
void average(const float* x, const Pool2d& p, float* y) { average_pool_f32(x, p, false, y); }
BENCHMARK_CAPTURE(pool, max, max_pool_f32__simd)->Apply(pool_shapes);
BENCHMARK_CAPTURE(pool, max_separable, separable)->Args({13, 128, 5, 1, 2})->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(pool, average, average)->Apply(pool_shapes);

// state.range: rows, columns.
void transpose(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0)), columns = static_cast<std::size_t>(state.range(1));
  std::vector<float> y(rows * columns);
  for (auto _ : state) {
    transpose_32(source().data(), 1, rows, columns, y.data());
    benchmark::ClobberMemory();
  }
  moved(state, 2 * y.size());
}
BENCHMARK(transpose)->Args({64, 3136})->Args({3136, 64})->Args({512, 169})->Args({169, 512})->Args({3, 102400});

// (1, 196, 8, 32) -> (1, 8, 196, 32): attention heads; and (64, 56, 56) by bytes, its channels last.
void permute_heads(benchmark::State& state) {
  const std::size_t dims[] = {1, 196, 8, 32}, order[] = {0, 2, 1, 3};
  std::vector<float> y(196 * 256);
  for (auto _ : state) {
    permute(source().data(), 4, dims, order, y.data());
    benchmark::ClobberMemory();
  }
  moved(state, 2 * y.size());
}
BENCHMARK(permute_heads);
void permute_bytes(benchmark::State& state) {
  const std::size_t dims[] = {64, 56, 56}, order[] = {1, 2, 0};
  std::vector<uint8_t> y(64 * 56 * 56);
  for (auto _ : state) {
    permute(source().data(), 1, dims, order, y.data());
    benchmark::ClobberMemory();
  }
  moved(state, y.size() / 2);
}
BENCHMARK(permute_bytes);

// Twice as large, 40 x 40 x 96.
void resize(benchmark::State& state, void (*f)(const float* x, const ResizeImage& p, float* y), std::size_t taps) {
  std::vector<int32_t> index;
  for (std::size_t i = 0; i < 80; ++i) {
    for (std::size_t k = 0; k < taps; ++k) index.push_back(static_cast<int32_t>(std::min<std::size_t>(39, i / 2 + k)));
  }
  const std::vector<float> weight(160, 0.5f);
  const ResizeAxis axis{40, 80, taps, index.data(), weight.data()};
  const ResizeImage p{1, 96, axis, axis};
  std::vector<float> y(80 * 80 * 96);
  for (auto _ : state) {
    f(source().data(), p, y.data());
    benchmark::ClobberMemory();
  }
  moved(state, y.size() / 4 * 5);
}
BENCHMARK_CAPTURE(resize, bilinear, resize_bilinear_f32__simd, 2)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(resize, nearest, resize_nearest_f32__simd, 1)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace narrowcast::kernels
