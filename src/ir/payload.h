// Where the bytes of a constant come from: a span of a given file, a few owned bytes, or a generator that makes
// them while the output is written. File-sized data is never owned twice.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/dtype.h"

namespace narrowcast {

// The bytes handed in: file 0 is the model, the others are external data, known by the name the model uses.
struct InputFile {
  std::string name;
  ByteView bytes;
};
using Files = std::vector<InputFile>;

// A stretch of one input file. Readers check it against the file once; after that it is trusted.
struct Span {
  uint32_t file = 0;
  uint64_t offset = 0;
  uint64_t length = 0;

  friend bool operator==(const Span&, const Span&) = default;
};

inline ByteView slice(ByteView file, Span span) {
  return file.subspan(static_cast<std::size_t>(span.offset), static_cast<std::size_t>(span.length));
}
inline ByteView bytes_of(const Files& files, Span span) { return slice(files[span.file].bytes, span); }

// Produces the bytes of a new constant, a chunk at a time. Must give the same bytes however they are cut.
class Generator {
 public:
  virtual ~Generator() = default;
  // Exact number of bytes, known before any is produced.
  [[nodiscard]] virtual uint64_t length() const = 0;
  // Fills `out` with bytes [offset, offset + out.size()).
  virtual void produce(const Files& files, uint64_t offset, std::span<uint8_t> out) const = 0;
};

using Payload = std::variant<Span, Bytes, std::shared_ptr<const Generator>>;

uint64_t payload_length(const Payload& payload);
// Copies bytes [offset, offset + out.size()) of the payload.
void read_payload(const Files& files, const Payload& payload, uint64_t offset, std::span<uint8_t> out);
// The bytes in memory, or nothing when a generator would have to make them.
ByteView payload_view(const Files& files, const Payload& payload);

// A size below zero is not known before the model runs.
using Shape = std::vector<int64_t>;
inline constexpr int64_t kUnknownDim = -1;

// Product of the sizes; -1 when one is unknown or the product leaves 63 bits.
int64_t element_count(const Shape& shape);
std::string shape_text(const Shape& shape);

struct Constant {
  DType dtype = DType::unknown;
  Shape shape;
  Payload payload;
};

}  // namespace narrowcast
