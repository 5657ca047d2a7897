#include "kernels/conv/conv_bench_util.h"
#include "kernels/winograd/winograd.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

// Operations are the direct convolution's, so more than the peak is possible.
void winograd(benchmark::State& state) {
  const ConvShape shape = square_conv(state);
  ConvBuffers at(shape, packed_winograd_floats(shape), winograd_scratch_bytes(shape));
  pack_winograd_f32(at.weights.data(), shape, oihw_strides(shape), nullptr, at.packed.data());
  measure_operations(state, shape.operations(), [&] {
    winograd_f32(shape, at.x.data(), shape.in_c, at.packed.data(), at.bias.data(), at.y.data(), shape.out_c,
                 at.scratch.data(), {});
  });
}
BENCHMARK(winograd)
    ->ArgNames(kConvArgNames)
    ->Args({160, 16, 16, 3, 1})
    ->Args({80, 32, 32, 3, 1})
    ->Args({56, 64, 64, 3, 1})
    ->Args({40, 96, 96, 3, 1})
    ->Args({28, 128, 128, 3, 1})
    ->Args({14, 256, 256, 3, 1})
    ->Args({7, 512, 512, 3, 1})
    ->Args({8, 64, 64, 3, 1})
    ->Args({5, 256, 256, 3, 1})
    ->Args({4, 256, 256, 3, 1})
    ->Args({80, 16, 32, 3, 1})
    ->Args({160, 8, 8, 3, 1})
    ->Args({160, 8, 16, 3, 1})
    ->Args({208, 12, 16, 3, 1})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace narrowcast::kernels
