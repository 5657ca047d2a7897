#include "formats/tflite/zip_tail.h"

#include <algorithm>
#include <optional>

namespace narrowcast::tflite {
namespace {

constexpr uint32_t kEndSignature = 0x06054B50;    // end of central directory
constexpr uint32_t kEntrySignature = 0x02014B50;  // one file of the central directory
constexpr uint64_t kEndBytes = 22;
constexpr uint64_t kEntryBytes = 46;
constexpr uint64_t kMaxComment = 65535;
constexpr uint32_t kZip64 = 0xFFFFFFFF;

// Positions within the tail.
struct Directory {
  uint64_t start = 0;
  uint64_t end = 0;               // where the end record stands
  std::vector<uint64_t> offsets;  // 4-byte fields that hold an offset into the archive
};

template <typename T>
T load(ByteView tail, uint64_t position) {
  return load_le<T>(tail.data() + position);
}

std::optional<uint64_t> find_end(ByteView tail) {
  if (tail.size() < kEndBytes) return std::nullopt;
  const uint64_t last = tail.size() - kEndBytes;
  const uint64_t first = last - std::min(last, kMaxComment);
  for (uint64_t at = last + 1; at-- > first;) {
    if (load<uint32_t>(tail, at) == kEndSignature && load<uint16_t>(tail, at + 20) == last - at) return at;
  }
  return std::nullopt;
}

// Nothing when the tail does not end with a whole archive.
std::optional<Directory> find_directory(ByteView tail) {
  const auto end = find_end(tail);
  if (!end) return std::nullopt;
  const uint64_t size = load<uint32_t>(tail, *end + 12);
  if (size > *end) return std::nullopt;
  Directory directory{.start = *end - size, .end = *end, .offsets = {*end + 16}};
  uint64_t at = directory.start;
  while (at < *end) {
    if (*end - at < kEntryBytes || load<uint32_t>(tail, at) != kEntrySignature) return std::nullopt;
    directory.offsets.push_back(at + 42);
    at += kEntryBytes + load<uint16_t>(tail, at + 28) + load<uint16_t>(tail, at + 30) + load<uint16_t>(tail, at + 32);
  }
  if (at != *end) return std::nullopt;
  return directory;
}

}  // namespace

Status append_tail(const Files& files, Span tail, Rope& out) {
  const ByteView bytes = bytes_of(files, tail);
  const auto directory = find_directory(bytes);
  const bool counts_from_file =
      directory && load<uint32_t>(bytes, directory->end + 16) == tail.offset + directory->start;
  const bool is_zip64 = directory && load<uint32_t>(bytes, directory->end + 16) == kZip64;
  if (is_zip64) return fail(ErrorCode::unsupported, "The archive behind the model is a ZIP64, which is not moved yet.");
  if (!counts_from_file || out.size() == tail.offset) {
    out.append(tail);
    return {};
  }
  const int64_t shift = static_cast<int64_t>(out.size()) - static_cast<int64_t>(tail.offset);
  Bytes moved(bytes.begin() + static_cast<std::ptrdiff_t>(directory->start), bytes.end());
  for (const uint64_t position : directory->offsets) {
    uint8_t* field = moved.data() + (position - directory->start);
    const int64_t offset = load_le<uint32_t>(field) + shift;
    if (offset < 0 || offset >= kZip64) {
      return fail(ErrorCode::unsupported, "The archive behind the model would lie beyond 4 GiB.");
    }
    store_le(field, static_cast<uint32_t>(offset));
  }
  out.append(Span{tail.file, tail.offset, directory->start});
  out.append(std::move(moved));
  return {};
}

}  // namespace narrowcast::tflite
