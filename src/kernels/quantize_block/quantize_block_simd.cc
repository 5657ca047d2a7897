#include "kernels/min_max/min_max.h"
#include "kernels/quantize/quantize_lanes.h"
#include "kernels/quantize_block/block_scale.h"
#include "kernels/quantize_block/quantize_block.h"

namespace narrowcast::kernels {
namespace {

using namespace simd;

std::size_t smaller(std::size_t a, std::size_t b) { return a < b ? a : b; }

// Calls use(parameter index, min, max) for every block; columns of one block row are scanned together.
template <typename Use>
void for_each_block(const void* x, BlockLayout layout, Use use) {
  constexpr std::size_t kColumns = 256;
  float mins[kColumns];
  float maxs[kColumns];
  std::size_t parameter = 0;
  for (std::size_t o = 0; o < layout.outer; ++o) {
    for (std::size_t first = 0; first < layout.k; first += layout.block_size) {
      const std::size_t rows = smaller(layout.block_size, layout.k - first);
      const std::size_t element = (o * layout.k + first) * layout.inner;
      if (layout.inner == 1) {
        const MinMax found = min_max_f32__simd(element_f32(x, element), rows);
        use(parameter++, found.min, found.max);
        continue;
      }
      for (std::size_t column = 0; column < layout.inner; column += kColumns) {
        const std::size_t width = smaller(kColumns, layout.inner - column);
        min_max_f32_columns__simd(element_f32(x, element + column), rows, width, layout.inner, mins, maxs);
        for (std::size_t i = 0; i < width; ++i) use(parameter++, mins[i], maxs[i]);
      }
    }
  }
}

// Parameters of a row of neighbouring blocks, the zero points one byte each (or none: null).
struct RowLanes {
  const float* scale;
  const uint8_t* zero_point;

  V operator()(V x, std::size_t i) const {
    const V codes = quotient_half_even(x, load(scale + i));
    if (zero_point == nullptr) return codes;
    return i32x4_add(codes, u32x4_extend_low_u16x8(u16x8_extend_low_u8x16(load32_zero(zero_point + i))));
  }
  int32_t one(float x, std::size_t i, CodeRange range) const {
    return quantize_half_even(x, scale[i], zero_point == nullptr ? 0 : zero_point[i], range);
  }
};

template <typename T>
void quantize_block(const void* x, std::size_t n, std::size_t start, BlockLayout layout, const float* scale,
                    const uint8_t* zero_point, CodeRange range, T* q) {
  for (std::size_t done = 0; done < n;) {
    const std::size_t at = start + done;
    const std::size_t parameter = layout.parameter_of(at);
    if (layout.inner == 1) {  // the rest of a block, all with one parameter
      const std::size_t in_run = at % layout.k;
      const std::size_t end = smaller(layout.k, (in_run / layout.block_size + 1) * layout.block_size);
      const std::size_t count = smaller(n - done, end - in_run);
      const int32_t zero = zero_point == nullptr ? 0 : zero_point[parameter];
      quantize_stretch(element_f32(x, done), count, HalfEvenUniform<Dividing>{scale[parameter], zero}, range, q + done);
      done += count;
    } else {  // the rest of a row, its parameters side by side
      const std::size_t count = smaller(n - done, layout.inner - at % layout.inner);
      const RowLanes lanes{scale + parameter, zero_point == nullptr ? nullptr : zero_point + parameter};
      quantize_stretch(element_f32(x, done), count, lanes, range, q + done);
      done += count;
    }
  }
}

}  // namespace

void compute_block_scales_f32_i4__simd(const void* x, BlockLayout layout, float* scale) {
  for_each_block(x, layout, [&](std::size_t at, float min, float max) { scale[at] = block_scale_i4(min, max); });
}

void compute_block_scales_f32_u4__simd(const void* x, BlockLayout layout, float* scale, uint8_t* zero_point) {
  for_each_block(x, layout, [&](std::size_t at, float min, float max) {
    const BlockScaleU4 found = block_scale_u4(min, max);
    scale[at] = found.scale;
    zero_point[at] = found.zero_point;
  });
}

void quantize_f32_i4_block__simd(const void* x, std::size_t n, std::size_t start, BlockLayout layout,
                                 const float* scale, int8_t* q) {
  quantize_block(x, n, start, layout, scale, nullptr, kI4, q);
}

void quantize_f32_u4_block__simd(const void* x, std::size_t n, std::size_t start, BlockLayout layout,
                                 const float* scale, const uint8_t* zero_point, uint8_t* q) {
  quantize_block(x, n, start, layout, scale, zero_point, kU4, q);
}

}  // namespace narrowcast::kernels
