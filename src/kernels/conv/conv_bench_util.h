// What the convolutions' benches share: square shapes, "same" padding, buffers.
#pragma once

#include <string>
#include <vector>

#include "kernels/bench_util.h"
#include "kernels/conv/conv_shape.h"

namespace narrowcast::kernels::bench {

inline const std::vector<std::string> kConvArgNames = {"size", "in", "out", "kernel", "stride"};

inline ConvShape square_conv(const benchmark::State& state, std::size_t groups = 1) {
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(state.range(i)); };
  const std::size_t size = at(0), kernel = at(3), stride = at(4), pad = kernel / 2;
  const std::size_t out = (size + 2 * pad - kernel) / stride + 1;
  return {.in_h = size,
          .in_w = size,
          .in_c = at(1),
          .out_h = out,
          .out_w = out,
          .out_c = at(2),
          .kernel_h = kernel,
          .kernel_w = kernel,
          .stride_h = stride,
          .stride_w = stride,
          .pad_top = pad,
          .pad_left = pad,
          .groups = groups};
}

struct ConvBuffers {
  std::vector<float> x, weights, bias, packed, y;
  std::vector<uint64_t> scratch;

  ConvBuffers(const ConvShape& shape, std::size_t packed_floats, std::size_t scratch_bytes)
      : x(test::floats(shape.in_h * shape.in_w * shape.in_c, test::Mix::ordinary, 1)),
        weights(test::floats(shape.out_c * shape.depth(), test::Mix::ordinary, 2)),
        bias(test::floats(shape.out_c, test::Mix::ordinary, 3)),
        packed(packed_floats),
        y(shape.pixels() * shape.out_c),
        scratch(scratch_bytes / 8 + 1) {}
};

}  // namespace narrowcast::kernels::bench
