#include "rewrite/float_source.h"

#include <cstring>

#include "kernels/half/half.h"

namespace narrowcast {

const void* FloatSource::read(std::size_t start, std::size_t count, float* scratch) const {
  if (contiguous()) return bytes_.data() + start * 4;
  if (is_half_) {
    kernels::convert_f16_f32(bytes_.data() + start * 2, count, scratch);
  } else if (count > 0) {
    std::memcpy(scratch, bytes_.data() + start * 4, count * sizeof(float));
  }
  if (factors_ != nullptr) {
    for (std::size_t i = 0; i < count; ++i) scratch[i] *= factors_->of(start + i);
  }
  return scratch;
}

std::vector<float> read_floats(const Files& files, const Constant& constant) {
  const FloatSource source(files, constant);
  std::vector<float> floats(source.size());
  const void* x = source.read(0, floats.size(), floats.data());
  if (x != floats.data() && !floats.empty()) std::memcpy(floats.data(), x, floats.size() * sizeof(float));
  return floats;
}

}  // namespace narrowcast
