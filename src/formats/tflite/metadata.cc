#include "formats/tflite/metadata.h"

#include <algorithm>

namespace narrowcast::tflite {

std::string_view metadata_text(ByteView buffer) {
  while (!buffer.empty() && buffer.back() == 0) buffer = buffer.first(buffer.size() - 1);
  const bool printable = std::ranges::all_of(buffer, [](uint8_t c) { return c >= 0x20 || c == '\n' || c == '\t'; });
  if (!printable) return {};
  return {reinterpret_cast<const char*>(buffer.data()), buffer.size()};
}

bool is_padding(ByteView tail) {
  constexpr std::size_t kMostPadding = 64;  // bytes; builders align by 16 at most
  return tail.size() < kMostPadding && std::ranges::all_of(tail, [](uint8_t c) { return c == 0; });
}

}  // namespace narrowcast::tflite
