#include "kernels/conv/conv_bench_util.h"
#include "kernels/depthwise/depthwise.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

void depthwise(benchmark::State& state) {
  const ConvShape shape = square_conv(state, static_cast<std::size_t>(state.range(1)));
  ConvBuffers at(shape, packed_depthwise_floats(shape), depthwise_scratch_bytes(shape));
  pack_depthwise_f32(at.weights.data(), shape, oihw_strides(shape), nullptr, at.packed.data());
  measure_operations(state, shape.operations(), [&] {
    depthwise_f32(shape, at.x.data(), shape.in_c, at.packed.data(), at.bias.data(), at.y.data(), shape.out_c,
                  at.scratch.data(), {});
  });
}
BENCHMARK(depthwise)
    ->ArgNames(kConvArgNames)
    ->Args({112, 32, 32, 3, 1})
    ->Args({56, 128, 128, 3, 1})
    ->Args({28, 256, 256, 3, 1})
    ->Args({14, 512, 512, 3, 1})
    ->Args({7, 1024, 1024, 3, 1})
    ->Args({112, 64, 64, 3, 2})
    ->Args({56, 128, 128, 3, 2})
    ->Args({28, 120, 120, 5, 1})
    ->Args({14, 240, 240, 5, 1})
    ->Args({56, 72, 72, 5, 2})
    ->Args({56, 64, 64, 7, 1})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace narrowcast::kernels
