#include "kernels/conv_transpose/conv_transpose.h"
#include "kernels/elements.h"

namespace narrowcast::kernels {
namespace {

struct Source {
  const void* w;
  const ConvShape& shape;
  const ConvWeightStrides& strides;
  const float* scale;

  float at(std::size_t group, std::size_t o, std::size_t i, std::size_t tap) const {
    if (o >= shape.group_out()) return 0;
    const std::size_t kh = tap / shape.kernel_w, kw = tap % shape.kernel_w;
    const std::size_t input = group * shape.group_in() + i;
    const float value = load_f32(w, o * strides.o + input * strides.i + kh * strides.kh + kw * strides.kw);
    return scale ? value * scale[group * shape.group_out() + o] : value;
  }
};

float* pack_phase(const Source& source, std::size_t group, std::size_t h, std::size_t w, float* to) {
  const ConvShape& s = source.shape;
  for (std::size_t first = 0; first < s.group_out(); first += 8) {
    const std::size_t width = s.group_out() - first <= 4 ? 4 : 8;
    for (std::size_t tap = 0; tap < s.taps(); ++tap) {
      if (!in_phase(h, tap / s.kernel_w, s.stride_h, s.dilation_h, s.pad_top)) continue;
      if (!in_phase(w, tap % s.kernel_w, s.stride_w, s.dilation_w, s.pad_left)) continue;
      for (std::size_t i = 0; i < s.group_in(); ++i) {
        for (std::size_t o = first; o < first + width; ++o) *to++ = source.at(group, o, i, tap);
      }
    }
  }
  return to;
}

}  // namespace

void pack_conv_transpose_f32(const void* w, const ConvShape& shape, const ConvWeightStrides& strides,
                             const float* scale, float* packed) {
  const Source source{w, shape, strides, scale};
  for (std::size_t group = 0; group < shape.groups; ++group) {
    for (std::size_t phase = 0; phase < shape.stride_h * shape.stride_w; ++phase) {
      packed = pack_phase(source, group, phase / shape.stride_w, phase % shape.stride_w, packed);
    }
  }
}

}  // namespace narrowcast::kernels
