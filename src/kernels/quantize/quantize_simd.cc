#include "kernels/channel_walk.h"
#include "kernels/quantize/quantize_lanes.h"

namespace narrowcast::kernels {
namespace {

template <typename Quotient, typename T>
void half_even(const void* x, std::size_t n, double scale, int32_t zero_point, CodeRange range, T* q) {
  quantize_stretch(x, n, HalfEvenUniform<Quotient>{Quotient::factor_of(scale), zero_point}, range, q);
}

template <typename T>
void quantize(const void* x, std::size_t n, double scale, int32_t zero_point, CodeSpec spec, T* q) {
  switch (spec.rounding) {
    case Rounding::float32_half_even:
      return half_even<Dividing>(x, n, scale, zero_point, spec.range, q);
    case Rounding::float32_reciprocal_half_even:
      return half_even<Multiplying>(x, n, scale, zero_point, spec.range, q);
    case Rounding::float64_half_away:
      return quantize_stretch(x, n, HalfAwayUniform{scale, zero_point, spec.range}, spec.range, q);
  }
}

template <typename Quotient, typename T>
void half_even_per_channel(const void* x, std::size_t n, std::size_t start, ChannelLayout layout, ChannelScales scales,
                           CodeRange range, T* q) {
  float factor[kTableWidth];
  int32_t zero_point[kTableWidth];
  const auto zero_of = [&](std::size_t c) { return scales.zero_point == nullptr ? 0 : scales.zero_point[c]; };
  walk_channels(
      n, start, layout,
      [&](std::size_t at, std::size_t count, std::size_t c) {
        half_even<Quotient>(element_f32(x, at), count, scales.scale[c], zero_of(c), range, q + at);
      },
      [&](std::size_t slot, std::size_t c) {
        factor[slot] = Quotient::factor_of(scales.scale[c]);
        zero_point[slot] = zero_of(c);
      },
      [&](std::size_t at, std::size_t count, std::size_t slot) {
        const HalfEvenTable<Quotient> lanes{factor + slot, zero_point + slot};
        quantize_stretch(element_f32(x, at), count, lanes, range, q + at);
      });
}

template <typename T>
void half_away_per_channel(const void* x, std::size_t n, std::size_t start, ChannelLayout layout, ChannelScales scales,
                           CodeSpec spec, T* q) {
  double scale[kTableWidth];
  double zero_point[kTableWidth];
  const auto zero_of = [&](std::size_t c) { return scales.zero_point == nullptr ? 0 : scales.zero_point[c]; };
  walk_channels(
      n, start, layout,
      [&](std::size_t at, std::size_t count, std::size_t c) {
        const HalfAwayUniform lanes{scales.scale[c], zero_of(c), spec.range};
        quantize_stretch(element_f32(x, at), count, lanes, spec.range, q + at);
      },
      [&](std::size_t slot, std::size_t c) {
        scale[slot] = scales.scale[c];
        zero_point[slot] = zero_of(c);
      },
      [&](std::size_t at, std::size_t count, std::size_t slot) {
        const HalfAwayTable lanes{scale + slot, zero_point + slot, spec.range};
        quantize_stretch(element_f32(x, at), count, lanes, spec.range, q + at);
      });
}

template <typename T>
void quantize_per_channel(const void* x, std::size_t n, std::size_t start, ChannelLayout layout, ChannelScales scales,
                          CodeSpec spec, T* q) {
  switch (spec.rounding) {
    case Rounding::float32_half_even:
      return half_even_per_channel<Dividing>(x, n, start, layout, scales, spec.range, q);
    case Rounding::float32_reciprocal_half_even:
      return half_even_per_channel<Multiplying>(x, n, start, layout, scales, spec.range, q);
    case Rounding::float64_half_away:
      return half_away_per_channel(x, n, start, layout, scales, spec, q);
  }
}

}  // namespace

#define NC_DEFINE(t, T)                                                                                                \
  void quantize_f32_##t##__simd(const void* x, std::size_t n, double scale, int32_t zero_point, CodeSpec spec, T* q) { \
    quantize(x, n, scale, zero_point, spec, q);                                                                        \
  }                                                                                                                    \
  void quantize_f32_##t##_per_channel__simd(const void* x, std::size_t n, std::size_t start, ChannelLayout layout,     \
                                            ChannelScales scales, CodeSpec spec, T* q) {                               \
    quantize_per_channel(x, n, start, layout, scales, spec, q);                                                        \
  }
NC_DEFINE(i8, int8_t)
NC_DEFINE(u8, uint8_t)
NC_DEFINE(i16, int16_t)
NC_DEFINE(u16, uint16_t)
#undef NC_DEFINE

}  // namespace narrowcast::kernels
