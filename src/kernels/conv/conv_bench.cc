#include "kernels/bench_util.h"
#include "kernels/conv/conv.h"
#include "kernels/conv/conv_bench_util.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

void conv(benchmark::State& state) {
  const ConvShape shape = square_conv(state);
  ConvBuffers at(shape, packed_conv_floats(shape), conv_scratch_bytes(shape));
  pack_conv_f32(at.weights.data(), shape, oihw_strides(shape), nullptr, at.packed.data());
  measure_operations(state, shape.operations(), [&] {
    conv_f32(shape, at.x.data(), shape.in_c, at.packed.data(), at.bias.data(), at.y.data(), shape.out_c,
             at.scratch.data(), {});
  });
}
BENCHMARK(conv)
    ->ArgNames(kConvArgNames)
    ->Args({160, 16, 16, 3, 1})
    ->Args({80, 32, 32, 3, 1})
    ->Args({56, 64, 64, 3, 1})
    ->Args({40, 96, 96, 3, 1})
    ->Args({28, 128, 128, 3, 1})
    ->Args({14, 256, 256, 3, 1})
    ->Args({7, 512, 512, 3, 1})
    ->Args({208, 12, 16, 3, 1})
    ->Args({112, 32, 64, 3, 2})
    ->Args({56, 64, 128, 3, 2})
    ->Args({28, 128, 256, 3, 2})
    ->Args({28, 32, 64, 5, 1})
    ->Args({56, 16, 32, 5, 2})
    ->Args({224, 3, 32, 3, 2})
    ->Args({320, 3, 16, 3, 2})
    ->Args({224, 3, 64, 7, 2})
    ->Args({96, 1, 8, 3, 2})
    ->Args({160, 8, 16, 3, 1})
    ->Args({56, 64, 64, 1, 1})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace narrowcast::kernels
