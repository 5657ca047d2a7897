// Protobuf's wire format, read as spans: fields are found and bounds-checked, nothing is copied.
#pragma once

#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "ir/payload.h"
#include "ir/rope.h"

namespace narrowcast::onnx {

enum class WireType : uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

// One field of a message. `whole` is tag to end; `body` is what follows the tag and, for bytes, the length.
struct Field {
  uint32_t number = 0;
  WireType type = WireType::varint;
  uint64_t varint = 0;  // the value, for WireType::varint
  Span whole;
  Span body;
};

// Walks the fields of one message. Errors are `malformed`, with the byte's position in the file.
class FieldReader {
 public:
  FieldReader(ByteView file, Span message)
      : file_(file), position_(message.offset), end_(message.offset + message.length) {}

  [[nodiscard]] bool done() const { return position_ == end_; }
  Result<Field> next();

 private:
  Result<uint64_t> varint();
  [[nodiscard]] std::unexpected<Error> broken(std::string_view what) const;

  ByteView file_;
  uint64_t position_;
  uint64_t end_;
};

// A repeated varint field arrives packed or one by one; both are appended here.
Status append_varints(ByteView file, const Field& field, std::vector<int64_t>& to);

std::string_view text_of(ByteView file, Span body);

// Appends tag, length and the bytes of `body`.
void append_message(Rope& to, uint32_t field_number, Rope&& body);
void append_bytes_field(Rope& to, uint32_t field_number, std::string_view bytes);
void append_tag(Bytes& to, uint32_t field_number, WireType type);
void append_varint(Bytes& to, uint64_t value);

}  // namespace narrowcast::onnx
