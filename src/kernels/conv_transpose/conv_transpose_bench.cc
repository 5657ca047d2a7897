#include "kernels/conv/conv_bench_util.h"
#include "kernels/conv_transpose/conv_transpose.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

// state.range: size of the input, channels in and out, kernel, stride; the output is `stride` times as large.
void conv_transpose(benchmark::State& state) {
  ConvShape shape = square_conv(state);
  shape.out_h = shape.out_w = shape.in_h * shape.stride_h;
  shape.pad_top = shape.pad_left = (shape.kernel_h - shape.stride_h) / 2;
  ConvBuffers at(shape, packed_conv_transpose_floats(shape), conv_transpose_scratch_bytes(shape));
  pack_conv_transpose_f32(at.weights.data(), shape, iohw_strides(shape), nullptr, at.packed.data());
  const double operations = shape.operations() / static_cast<double>(shape.stride_h * shape.stride_w);
  measure_operations(state, operations, [&] {
    conv_transpose_f32(shape, at.x.data(), shape.in_c, at.packed.data(), at.bias.data(), at.y.data(), shape.out_c,
                       at.scratch.data(), {});
  });
}
BENCHMARK(conv_transpose)
    ->ArgNames(kConvArgNames)
    ->Args({80, 24, 24, 2, 2})
    ->Args({160, 24, 1, 2, 2})
    ->Args({56, 64, 32, 4, 2})
    ->Args({14, 256, 256, 4, 2})
    ->Args({56, 64, 64, 3, 2})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace narrowcast::kernels
