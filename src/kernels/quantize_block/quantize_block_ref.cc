#include "kernels/elements.h"
#include "kernels/min_max/min_max.h"
#include "kernels/quantize/quantize_one.h"
#include "kernels/quantize_block/block_scale.h"
#include "kernels/quantize_block/quantize_block.h"

namespace narrowcast::kernels {
namespace {

// Calls use(parameter index, extremes of the block) for every block.
template <typename Use>
void for_each_block(const void* x, BlockLayout layout, Use use) {
  for (std::size_t o = 0; o < layout.outer; ++o) {
    for (std::size_t first = 0; first < layout.k; first += layout.block_size) {
      const std::size_t rows = layout.k - first < layout.block_size ? layout.k - first : layout.block_size;
      for (std::size_t i = 0; i < layout.inner; ++i) {
        const std::size_t element = (o * layout.k + first) * layout.inner + i;
        float min = 0;
        float max = 0;
        min_max_f32_columns__ref(element_f32(x, element), rows, 1, layout.inner, &min, &max);
        use(layout.parameter_of(element), min, max);
      }
    }
  }
}

}  // namespace

void compute_block_scales_f32_i4__ref(const void* x, BlockLayout layout, float* scale) {
  for_each_block(x, layout, [&](std::size_t at, float min, float max) { scale[at] = block_scale_i4(min, max); });
}

void compute_block_scales_f32_u4__ref(const void* x, BlockLayout layout, float* scale, uint8_t* zero_point) {
  for_each_block(x, layout, [&](std::size_t at, float min, float max) {
    const BlockScaleU4 found = block_scale_u4(min, max);
    scale[at] = found.scale;
    zero_point[at] = found.zero_point;
  });
}

void quantize_f32_i4_block__ref(const void* x, std::size_t n, std::size_t start, BlockLayout layout, const float* scale,
                                int8_t* q) {
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = layout.parameter_of(start + i);
    q[i] = static_cast<int8_t>(quantize_half_even(load_f32(x, i), scale[at], 0, kI4));
  }
}

void quantize_f32_u4_block__ref(const void* x, std::size_t n, std::size_t start, BlockLayout layout, const float* scale,
                                const uint8_t* zero_point, uint8_t* q) {
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = layout.parameter_of(start + i);
    q[i] = static_cast<uint8_t>(quantize_half_even(load_f32(x, i), scale[at], zero_point[at], kU4));
  }
}

}  // namespace narrowcast::kernels
