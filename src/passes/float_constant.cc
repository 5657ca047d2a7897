#include "passes/float_constant.h"

namespace narrowcast {

std::optional<std::vector<float>> float_constant(const Files& files, const Value& value) {
  if (!value.constant || value.constant->dtype != DType::f32 || value.is_sparse) return std::nullopt;
  const ByteView bytes = payload_view(files, value.constant->payload);
  if (bytes.empty()) return std::nullopt;
  std::vector<float> floats(bytes.size() / sizeof(float));
  for (std::size_t i = 0; i < floats.size(); ++i) floats[i] = load_le<float>(bytes.data() + i * sizeof(float));
  return floats;
}

}  // namespace narrowcast
