#include "kernels/conv/conv_bench_util.h"
#include "kernels/conv_first/conv_first.h"

namespace narrowcast::kernels {
namespace {

using namespace bench;

void measure_first(benchmark::State& state, ImageLayout layout) {
  const ConvShape shape = square_conv(state);
  ConvBuffers at(shape, packed_conv_floats(shape), conv_first_scratch_bytes(layout, shape));
  pack_conv_f32(at.weights.data(), shape, oihw_strides(shape), nullptr, at.packed.data());
  const std::size_t x_stride = layout == ImageLayout::nchw ? shape.in_h * shape.in_w : shape.in_c;
  measure_operations(state, shape.operations(), [&] {
    conv_first_f32(layout, shape, at.x.data(), x_stride, at.packed.data(), at.bias.data(), at.y.data(), shape.out_c,
                   at.scratch.data(), {});
  });
}
void conv_first_nchw(benchmark::State& state) { measure_first(state, ImageLayout::nchw); }
void conv_first_nhwc(benchmark::State& state) { measure_first(state, ImageLayout::nhwc); }

BENCHMARK(conv_first_nchw)
    ->ArgNames(kConvArgNames)
    ->Args({224, 3, 32, 3, 2})
    ->Args({320, 3, 16, 3, 2})
    ->Args({224, 3, 64, 7, 2})
    ->Args({96, 1, 8, 3, 2})
    ->Args({28, 1, 32, 3, 1})
    ->Args({208, 12, 16, 3, 1})
    ->Unit(benchmark::kMicrosecond);
// The same shapes as bench `conv` has: where conv_first_pays draws the line.
BENCHMARK(conv_first_nhwc)
    ->ArgNames(kConvArgNames)
    ->Args({224, 3, 32, 3, 2})
    ->Args({320, 3, 16, 3, 2})
    ->Args({224, 3, 64, 7, 2})
    ->Args({96, 1, 8, 3, 2})
    ->Args({160, 8, 16, 3, 1})
    ->Args({208, 12, 16, 3, 1})
    ->Args({160, 16, 16, 3, 1})
    ->Args({56, 16, 32, 5, 2})
    ->Args({80, 32, 32, 3, 1})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace narrowcast::kernels
