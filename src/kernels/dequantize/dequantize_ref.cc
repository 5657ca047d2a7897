#include "kernels/dequantize/dequantize.h"
#include "kernels/elements.h"

namespace narrowcast::kernels {
namespace {

template <typename T>
float dequantize_one(T q, double scale, int32_t zero_point) {
  return static_cast<float>(scale) * static_cast<float>(static_cast<int32_t>(q) - zero_point);
}

template <typename T>
void dequantize(const T* q, std::size_t n, double scale, int32_t zero_point, void* x) {
  for (std::size_t i = 0; i < n; ++i) store_f32(x, i, dequantize_one(q[i], scale, zero_point));
}

template <typename T>
void dequantize_per_channel(const T* q, std::size_t n, std::size_t start, ChannelLayout layout, ChannelScales scales,
                            void* x) {
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t c = (start + i) / layout.inner % layout.channels;
    const int32_t zero_point = scales.zero_point == nullptr ? 0 : scales.zero_point[c];
    store_f32(x, i, dequantize_one(q[i], scales.scale[c], zero_point));
  }
}

template <typename T>
void dequantize_block(const T* q, std::size_t n, std::size_t start, BlockLayout layout, const float* scale,
                      const uint8_t* zero_point, void* x) {
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = layout.parameter_of(start + i);
    store_f32(x, i, dequantize_one(q[i], static_cast<double>(scale[at]), zero_point == nullptr ? 0 : zero_point[at]));
  }
}

}  // namespace

#define NC_DEFINE(t, T)                                                                                          \
  void dequantize_##t##_f32__ref(const T* q, std::size_t n, double scale, int32_t zero_point, void* x) {         \
    dequantize(q, n, scale, zero_point, x);                                                                      \
  }                                                                                                              \
  void dequantize_##t##_f32_per_channel__ref(const T* q, std::size_t n, std::size_t start, ChannelLayout layout, \
                                             ChannelScales scales, void* x) {                                    \
    dequantize_per_channel(q, n, start, layout, scales, x);                                                      \
  }                                                                                                              \
  void dequantize_##t##_f32_block__ref(const T* q, std::size_t n, std::size_t start, BlockLayout layout,         \
                                       const float* scale, const uint8_t* zero_point, void* x) {                 \
    dequantize_block(q, n, start, layout, scale, zero_point, x);                                                 \
  }
NC_DEFINE(i8, int8_t)
NC_DEFINE(u8, uint8_t)
NC_DEFINE(i16, int16_t)
NC_DEFINE(u16, uint16_t)
#undef NC_DEFINE

}  // namespace narrowcast::kernels
