#include "ops/conv/image_conv.h"

#include "kernels/conv_first/conv_first.h"
#include "kernels/depthwise/depthwise.h"
#include "kernels/winograd/winograd.h"
#include "ops/finish.h"

namespace narrowcast::ops {
namespace {

using kernels::ConvShape;

bool is_pointwise(const ConvShape& s) { return s.groups == 1 && s.taps() == 1 && s.stride_h == 1 && s.stride_w == 1; }

// A size that is not known yet is taken as large.
ConvShape likely_sizes(ConvShape s, const ConvHints& hints) {
  constexpr std::size_t kLarge = 64;
  s.in_h = hints.in_h == 0 ? kLarge : hints.in_h;
  s.in_w = hints.in_w == 0 ? kLarge : hints.in_w;
  s.out_h = s.in_h;
  s.out_w = s.in_w;
  return s;
}

ConvAlgorithm choose(const ConvShape& s, const ConvHints& hints) {
  if (kernels::is_depthwise(s)) return ConvAlgorithm::depthwise;
  if (is_pointwise(s)) return ConvAlgorithm::pointwise;
  if (hints.winograd && kernels::winograd_pays(likely_sizes(s, hints))) return ConvAlgorithm::winograd;
  return ConvAlgorithm::direct;
}

void pack_panels(const ConvWeights& weights, const float* scale, PackedConv& packed) {
  const ConvShape& s = weights.window;
  switch (packed.algorithm) {
    case ConvAlgorithm::depthwise:
      packed.panels.resize(kernels::packed_depthwise_floats(s));
      kernels::pack_depthwise_f32(weights.data, s, weights.strides, scale, packed.panels.data());
      break;
    case ConvAlgorithm::winograd:
      packed.panels.resize(kernels::packed_winograd_floats(s));
      kernels::pack_winograd_f32(weights.data, s, weights.strides, scale, packed.panels.data());
      break;
    case ConvAlgorithm::pointwise:
    case ConvAlgorithm::direct:
      packed.panels.resize(kernels::packed_conv_floats(s));
      kernels::pack_conv_f32(weights.data, s, weights.strides, scale, packed.panels.data());
  }
}

// A window of one pixel without padding: pixels are the rows of a product.
bool covers_each_pixel(const ConvShape& s) {
  return s.in_h == s.out_h && s.in_w == s.out_w && s.pad_top + s.pad_left == 0;
}

// One image by one kernel.
struct Image {
  const ConvShape& shape;
  const float* x;
  bool planar;
  const float* panels;
  const float* bias;
  float* y;
  void* scratch;
  const kernels::Epilogue& epilogue;
};
using RunImage = void (*)(const Image&);

struct Kernel {
  RunImage run;
  std::size_t scratch_bytes;
};

void run_direct(const Image& i) {
  kernels::conv_f32(i.shape, i.x, i.shape.in_c, i.panels, i.bias, i.y, i.shape.out_c, i.scratch, i.epilogue);
}
void run_first(const Image& i) {
  const auto layout = i.planar ? kernels::ImageLayout::nchw : kernels::ImageLayout::nhwc;
  const std::size_t stride = i.planar ? i.shape.in_h * i.shape.in_w : i.shape.in_c;
  kernels::conv_first_f32(layout, i.shape, i.x, stride, i.panels, i.bias, i.y, i.shape.out_c, i.scratch, i.epilogue);
}
void run_depthwise(const Image& i) {
  kernels::depthwise_f32(i.shape, i.x, i.shape.in_c, i.panels, i.bias, i.y, i.shape.out_c, i.scratch, i.epilogue);
}
void run_winograd(const Image& i) {
  kernels::winograd_f32(i.shape, i.x, i.shape.in_c, i.panels, i.bias, i.y, i.shape.out_c, i.scratch, i.epilogue);
}

Kernel kernel_for(const ConvShape& s, ConvAlgorithm algorithm, bool planar) {
  if (algorithm == ConvAlgorithm::depthwise) return {run_depthwise, kernels::depthwise_scratch_bytes(s)};
  if (algorithm == ConvAlgorithm::winograd) return {run_winograd, kernels::winograd_scratch_bytes(s)};
  if (planar || kernels::conv_first_pays(s)) {
    const auto layout = planar ? kernels::ImageLayout::nchw : kernels::ImageLayout::nhwc;
    return {run_first, kernels::conv_first_scratch_bytes(layout, s)};
  }
  return {run_direct, kernels::conv_scratch_bytes(s)};
}

Status run_images(EvalContext& ctx, const ConvShape& s, std::size_t batch, const float* x, bool planar,
                  const PackedConv& packed, const float* bias, const kernels::Epilogue& epilogue, float* y) {
  const Kernel kernel = kernel_for(s, packed.algorithm, planar);
  NC_TRY(uint8_t* const scratch, ctx.scratch(kernel.scratch_bytes));
  for (std::size_t i = 0; i < batch; ++i) {
    ShiftedEpilogue shifted(epilogue, i * s.pixels());
    kernel.run({s, x + i * s.in_h * s.in_w * s.in_c, planar, packed.panels.data(), bias, y + i * s.pixels() * s.out_c,
                scratch, shifted.part()});
  }
  return {};
}

}  // namespace

std::unique_ptr<PackedConv> pack_conv(const ConvWeights& weights, const ConvHints& hints) {
  auto packed = std::make_unique<PackedConv>();
  const ConvShape& s = weights.window;
  if (s.groups == 0 || (hints.affine != nullptr && hints.affine->scale.size() != s.out_c)) return nullptr;
  packed->algorithm = choose(s, hints);
  if (weights.bias != nullptr) packed->bias.assign(weights.bias, weights.bias + s.out_c);
  const float* scale = nullptr;
  if (hints.affine != nullptr) {
    packed->bias.resize(s.out_c, 0.0F);
    scale = hints.affine->scale.data();
    for (std::size_t i = 0; i < s.out_c; ++i) {
      packed->bias[i] = packed->bias[i] * hints.affine->scale[i] + hints.affine->shift[i];
    }
  }
  pack_panels(weights, scale, *packed);
  return packed;
}

Status run_conv(EvalContext& ctx, const ConvShape& s, std::size_t batch, const float* x, bool planar,
                const PackedConv& packed, const kernels::Epilogue& epilogue, float* y) {
  if (batch == 0 || s.pixels() == 0 || s.out_c == 0) return {};
  const float* bias = packed.bias.empty() ? nullptr : packed.bias.data();
  if (packed.algorithm == ConvAlgorithm::pointwise && covers_each_pixel(s) && !planar) {
    kernels::gemm_f32(batch * s.pixels(), s.out_c, s.in_c, x, s.in_c, packed.panels.data(), bias, y, s.out_c, epilogue);
    return {};
  }
  return run_images(ctx, s, batch, x, planar, packed, bias, epilogue, y);
}

}  // namespace narrowcast::ops
