#include "kernels/elements.h"
#include "kernels/quantize/quantize_one.h"

namespace narrowcast::kernels {
namespace {

template <typename T>
void quantize(const void* x, std::size_t n, double scale, int32_t zero_point, CodeSpec spec, T* q) {
  for (std::size_t i = 0; i < n; ++i) q[i] = static_cast<T>(quantize_one(load_f32(x, i), scale, zero_point, spec));
}

template <typename T>
void quantize_per_channel(const void* x, std::size_t n, std::size_t start, ChannelLayout layout, ChannelScales scales,
                          CodeSpec spec, T* q) {
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t c = (start + i) / layout.inner % layout.channels;
    const int32_t zero_point = scales.zero_point == nullptr ? 0 : scales.zero_point[c];
    q[i] = static_cast<T>(quantize_one(load_f32(x, i), scales.scale[c], zero_point, spec));
  }
}

}  // namespace

#define NC_DEFINE(t, T)                                                                                               \
  void quantize_f32_##t##__ref(const void* x, std::size_t n, double scale, int32_t zero_point, CodeSpec spec, T* q) { \
    quantize(x, n, scale, zero_point, spec, q);                                                                       \
  }                                                                                                                   \
  void quantize_f32_##t##_per_channel__ref(const void* x, std::size_t n, std::size_t start, ChannelLayout layout,     \
                                           ChannelScales scales, CodeSpec spec, T* q) {                               \
    quantize_per_channel(x, n, start, layout, scales, spec, q);                                                       \
  }
NC_DEFINE(i8, int8_t)
NC_DEFINE(u8, uint8_t)
NC_DEFINE(i16, int16_t)
NC_DEFINE(u16, uint16_t)
#undef NC_DEFINE

}  // namespace narrowcast::kernels
