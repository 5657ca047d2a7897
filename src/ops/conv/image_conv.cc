#include "ops/conv/image_conv.h"

#include "kernels/conv_first/conv_first.h"
#include "ops/finish.h"

namespace narrowcast::ops {
namespace {

using kernels::ConvShape;

bool is_pointwise(const ConvShape& s) { return s.groups == 1 && s.taps() == 1 && s.stride_h == 1 && s.stride_w == 1; }

ConvAlgorithm choose(const ConvShape& s) { return is_pointwise(s) ? ConvAlgorithm::pointwise : ConvAlgorithm::direct; }

void pack_panels(const ConvWeights& weights, const float* scale, PackedConv& packed) {
  packed.panels.resize(kernels::packed_conv_floats(weights.window));
  kernels::pack_conv_f32(weights.data, weights.window, weights.strides, scale, packed.panels.data());
}

// A window of one pixel without padding: pixels are the rows of a product.
bool covers_each_pixel(const ConvShape& s) {
  return s.in_h == s.out_h && s.in_w == s.out_w && s.pad_top + s.pad_left == 0;
}

Status run_images(EvalContext& ctx, const ConvShape& s, std::size_t batch, const float* x, bool planar,
                  const PackedConv& packed, const float* bias, const kernels::Epilogue& epilogue, float* y) {
  const bool first = planar || kernels::conv_first_pays(s);
  const auto layout = planar ? kernels::ImageLayout::nchw : kernels::ImageLayout::nhwc;
  const std::size_t bytes = first ? kernels::conv_first_scratch_bytes(layout, s) : kernels::conv_scratch_bytes(s);
  NC_TRY(uint8_t* const scratch, ctx.scratch(bytes));
  for (std::size_t i = 0; i < batch; ++i) {
    ShiftedEpilogue shifted(epilogue, i * s.pixels());
    const float* image = x + i * s.in_h * s.in_w * s.in_c;
    float* to = y + i * s.pixels() * s.out_c;
    if (first) {
      kernels::conv_first_f32(layout, s, image, planar ? s.in_h * s.in_w : s.in_c, packed.panels.data(), bias, to,
                              s.out_c, scratch, shifted.part());
    } else {
      kernels::conv_f32(s, image, s.in_c, packed.panels.data(), bias, to, s.out_c, scratch, shifted.part());
    }
  }
  return {};
}

}  // namespace

std::unique_ptr<PackedConv> pack_conv(const ConvWeights& weights, const ConvHints& hints) {
  auto packed = std::make_unique<PackedConv>();
  const ConvShape& s = weights.window;
  packed->algorithm = choose(s);
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
