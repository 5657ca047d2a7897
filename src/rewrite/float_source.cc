#include "rewrite/float_source.h"

#include "kernels/half/half.h"

namespace narrowcast {

const void* FloatSource::read(std::size_t start, std::size_t count, float* scratch) const {
  if (!is_half_) return bytes_.data() + start * 4;
  kernels::convert_f16_f32(bytes_.data() + start * 2, count, scratch);
  return scratch;
}

}  // namespace narrowcast
