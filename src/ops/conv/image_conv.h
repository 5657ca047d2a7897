// Convolutions of images by the kernels, whatever op asks for them. Float32.
#pragma once

#include "kernels/conv/conv.h"
#include "ops/eval.h"

namespace narrowcast::ops {

// A weight as a file stores it. Of `window`, what lies in the weight and the attributes is set: channels, kernel,
// strides, dilations, groups; sizes and paddings are those of each run.
struct ConvWeights {
  const float* data = nullptr;
  kernels::ConvShape window;
  kernels::ConvWeightStrides strides;
  const float* bias = nullptr;  // out_c floats or null
};

enum class ConvAlgorithm : uint8_t { pointwise, direct, depthwise, winograd };

struct PackedConv final : Prepared {
  ConvAlgorithm algorithm = ConvAlgorithm::direct;
  std::vector<float> panels;  // as the algorithm's kernel packs them
  std::vector<float> bias;    // out_c floats, or none
};

struct ConvHints {
  bool winograd = true;            // may be used
  std::size_t in_h = 0, in_w = 0;  // 0: not known before the model runs
  const ChannelAffine* affine = nullptr;
};

std::unique_ptr<PackedConv> pack_conv(const ConvWeights& weights, const ConvHints& hints);

// y and x: `batch` images after each other; x is planar when `planar` (few channels only), else NHWC as y.
// Errors: out_of_memory.
Status run_conv(EvalContext& ctx, const kernels::ConvShape& shape, std::size_t batch, const float* x, bool planar,
                const PackedConv& packed, const kernels::Epilogue& epilogue, float* y);

// Whether run_conv takes planar images of so many channels.
constexpr bool takes_planar(std::size_t channels, std::size_t groups) { return channels <= 4 && groups == 1; }

}  // namespace narrowcast::ops
