#include "ir/payload.h"

#include <cstring>
#include <limits>

namespace narrowcast {

uint64_t payload_length(const Payload& payload) {
  if (const auto* span = std::get_if<Span>(&payload)) return span->length;
  if (const auto* bytes = std::get_if<Bytes>(&payload)) return bytes->size();
  return std::get<std::shared_ptr<const Generator>>(payload)->length();
}

ByteView payload_view(const Files& files, const Payload& payload) {
  if (const auto* span = std::get_if<Span>(&payload)) return bytes_of(files, *span);
  if (const auto* bytes = std::get_if<Bytes>(&payload)) return *bytes;
  return {};
}

void read_payload(const Files& files, const Payload& payload, uint64_t offset, std::span<uint8_t> out) {
  if (out.empty()) return;
  if (const auto* generator = std::get_if<std::shared_ptr<const Generator>>(&payload)) {
    (*generator)->produce(files, offset, out);
    return;
  }
  const ByteView view = payload_view(files, payload);
  std::memcpy(out.data(), view.data() + offset, out.size());
}

int64_t element_count(const Shape& shape) {
  int64_t count = 1;
  bool unknown = false;
  for (const int64_t size : shape) {
    if (size == 0) return 0;
    if (size < 0) {
      unknown = true;
    } else if (count > std::numeric_limits<int64_t>::max() / size) {
      return -1;
    } else {
      count *= size;
    }
  }
  return unknown ? -1 : count;
}

std::string shape_text(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ',';
    text += shape[i] < 0 ? "?" : std::to_string(shape[i]);
  }
  return text + "]";
}

}  // namespace narrowcast
