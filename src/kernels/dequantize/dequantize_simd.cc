#include <type_traits>

#include "kernels/channel_walk.h"
#include "kernels/dequantize/dequantize.h"
#include "kernels/elements.h"
#include "kernels/simd.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

// What a loop applies at index i: scale and zero point of four elements, and of a single one of the tail.
struct Uniform {
  float scales;
  int32_t zero_points;

  V scale(std::size_t) const { return f32x4_splat(scales); }
  V zero_point(std::size_t) const { return i32x4_splat(zero_points); }
  float one_scale(std::size_t) const { return scales; }
  int32_t one_zero_point(std::size_t) const { return zero_points; }
};

struct Table {
  const float* scales;
  const int32_t* zero_points;

  V scale(std::size_t i) const { return load(scales + i); }
  V zero_point(std::size_t i) const { return load(zero_points + i); }
  float one_scale(std::size_t i) const { return scales[i]; }
  // The table is filled for a whole period before any element is asked for, which the analyzer cannot follow.
  // NOLINTNEXTLINE(clang-analyzer-core.uninitialized.UndefReturn)
  int32_t one_zero_point(std::size_t i) const { return zero_points[i]; }
};

// A row of neighbouring blocks, the zero points one byte each (or none: null).
struct Row {
  const float* scales;
  const uint8_t* zero_points;

  V scale(std::size_t i) const { return load(scales + i); }
  V zero_point(std::size_t i) const {
    if (zero_points == nullptr) return i32x4_splat(0);
    return u32x4_extend_low_u16x8(u16x8_extend_low_u8x16(load32_zero(zero_points + i)));
  }
  float one_scale(std::size_t i) const { return scales[i]; }
  int32_t one_zero_point(std::size_t i) const { return zero_points == nullptr ? 0 : zero_points[i]; }
};

template <typename Lanes>
void store_four(V q, std::size_t i, const Lanes& lanes, void* x) {
  const V difference = f32x4_convert_i32x4(i32x4_sub(q, lanes.zero_point(i)));
  store(element_f32(x, i), f32x4_mul(lanes.scale(i), difference));
}

V load_eight(const int8_t* q) { return i16x8_load8x8(q); }
V load_eight(const uint8_t* q) { return u16x8_load8x8(q); }
V load_eight(const int16_t* q) { return load(q); }
V load_eight(const uint16_t* q) { return load(q); }

template <typename T, typename Lanes>
void dequantize_stretch(const T* q, std::size_t n, const Lanes& lanes, void* x) {
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const V codes = load_eight(q + i);
    if constexpr (std::is_signed_v<T>) {
      store_four(i32x4_extend_low_i16x8(codes), i, lanes, x);
      store_four(i32x4_extend_high_i16x8(codes), i + 4, lanes, x);
    } else {
      store_four(u32x4_extend_low_u16x8(codes), i, lanes, x);
      store_four(u32x4_extend_high_u16x8(codes), i + 4, lanes, x);
    }
  }
  for (; i < n; ++i) {
    const int32_t difference = static_cast<int32_t>(q[i]) - lanes.one_zero_point(i);
    store_f32(x, i, lanes.one_scale(i) * static_cast<float>(difference));
  }
}

template <typename T>
void dequantize_per_channel(const T* q, std::size_t n, std::size_t start, ChannelLayout layout, ChannelScales scales,
                            void* x) {
  float scale[kTableWidth];
  int32_t zero_point[kTableWidth];
  const auto zero_of = [&](std::size_t c) { return scales.zero_point == nullptr ? 0 : scales.zero_point[c]; };
  walk_channels(
      n, start, layout,
      [&](std::size_t at, std::size_t count, std::size_t c) {
        const Uniform lanes{static_cast<float>(scales.scale[c]), zero_of(c)};
        dequantize_stretch(q + at, count, lanes, element_f32(x, at));
      },
      [&](std::size_t slot, std::size_t c) {
        scale[slot] = static_cast<float>(scales.scale[c]);
        zero_point[slot] = zero_of(c);
      },
      [&](std::size_t at, std::size_t count, std::size_t slot) {
        dequantize_stretch(q + at, count, Table{scale + slot, zero_point + slot}, element_f32(x, at));
      });
}

template <typename T>
void dequantize_block(const T* q, std::size_t n, std::size_t start, BlockLayout layout, const float* scale,
                      const uint8_t* zero_point, void* x) {
  for (std::size_t done = 0; done < n;) {
    const std::size_t at = start + done;
    const std::size_t parameter = layout.parameter_of(at);
    std::size_t left = layout.inner - at % layout.inner;
    if (layout.inner == 1) {
      const std::size_t in_run = at % layout.k;
      const std::size_t block_end = (in_run / layout.block_size + 1) * layout.block_size;
      left = (block_end < layout.k ? block_end : layout.k) - in_run;
    }
    const std::size_t count = left < n - done ? left : n - done;
    if (layout.inner == 1) {
      const Uniform lanes{scale[parameter], zero_point == nullptr ? 0 : zero_point[parameter]};
      dequantize_stretch(q + done, count, lanes, element_f32(x, done));
    } else {
      const Row lanes{scale + parameter, zero_point == nullptr ? nullptr : zero_point + parameter};
      dequantize_stretch(q + done, count, lanes, element_f32(x, done));
    }
    done += count;
  }
}

}  // namespace

#define NC_DEFINE(t, T)                                                                                           \
  void dequantize_##t##_f32__simd(const T* q, std::size_t n, double scale, int32_t zero_point, void* x) {         \
    dequantize_stretch(q, n, Uniform{static_cast<float>(scale), zero_point}, x);                                  \
  }                                                                                                               \
  void dequantize_##t##_f32_per_channel__simd(const T* q, std::size_t n, std::size_t start, ChannelLayout layout, \
                                              ChannelScales scales, void* x) {                                    \
    dequantize_per_channel(q, n, start, layout, scales, x);                                                       \
  }                                                                                                               \
  void dequantize_##t##_f32_block__simd(const T* q, std::size_t n, std::size_t start, BlockLayout layout,         \
                                        const float* scale, const uint8_t* zero_point, void* x) {                 \
    dequantize_block(q, n, start, layout, scale, zero_point, x);                                                  \
  }
NC_DEFINE(i8, int8_t)
NC_DEFINE(u8, uint8_t)
NC_DEFINE(i16, int16_t)
NC_DEFINE(u16, uint16_t)
#undef NC_DEFINE

}  // namespace narrowcast::kernels
