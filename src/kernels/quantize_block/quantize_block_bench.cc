#include "kernels/bench_util.h"
#include "kernels/pack_int4/pack_int4.h"
#include "kernels/quantize_block/quantize_block.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

// state.range: inner. Blocks of 32 along an axis of 1024.
BlockLayout layout_of(const benchmark::State& state) {
  const auto inner = static_cast<std::size_t>(state.range(0));
  return {kElements / 1024 / inner, 1024, inner, 32};
}

void block_scales_u4(benchmark::State& state) {
  const BlockLayout layout = layout_of(state);
  std::vector<float> scale(layout.parameters());
  std::vector<uint8_t> zero_point(layout.parameters());
  measure(state, 4 * layout.elements(),
          [&] { compute_block_scales_f32_u4(source().data(), layout, scale.data(), zero_point.data()); });
}
BENCHMARK(block_scales_u4)->ArgName("inner")->Arg(1)->Arg(1024)->Unit(benchmark::kMillisecond);

// Codes and packing, in chunks of 64 KiB.
void block_codes_u4(benchmark::State& state) {
  constexpr std::size_t kChunk = 16384;
  const BlockLayout layout = layout_of(state);
  std::vector<float> scale(layout.parameters());
  std::vector<uint8_t> zero_point(layout.parameters()), q(kChunk), packed(kElements / 2);
  compute_block_scales_f32_u4(source().data(), layout, scale.data(), zero_point.data());
  measure(state, 4 * layout.elements(), [&] {
    for (std::size_t i = 0; i < layout.elements(); i += kChunk) {
      const std::size_t count = std::min(kChunk, layout.elements() - i);
      quantize_f32_u4_block(source().data() + i, count, i, layout, scale.data(), zero_point.data(), q.data());
      pack_int4(q.data(), count, packed.data() + i / 2);
    }
  });
}
BENCHMARK(block_codes_u4)->ArgName("inner")->Arg(1)->Arg(1024)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace narrowcast::kernels
