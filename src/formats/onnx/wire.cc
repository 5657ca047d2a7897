#include "formats/onnx/wire.h"

namespace narrowcast::onnx {

std::unexpected<Error> FieldReader::broken(std::string_view what) const {
  return fail(ErrorCode::malformed, "The ONNX file is damaged: " + std::string(what) + ".",
              "byte " + std::to_string(position_));
}

Result<uint64_t> FieldReader::varint() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (position_ >= end_) return broken("a number runs past the end of its message");
    const uint8_t byte = file_[static_cast<std::size_t>(position_++)];
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return broken("a number is longer than 10 bytes");
}

Result<Field> FieldReader::next() {
  const uint64_t begin = position_;
  NC_TRY(const uint64_t tag, varint());
  Field field;
  field.number = static_cast<uint32_t>(tag >> 3);
  if (field.number == 0 || tag > 0xFFFFFFFF) return broken("a field has an impossible number");
  field.type = static_cast<WireType>(tag & 7);
  uint64_t length = 0;
  uint64_t body_begin = position_;
  switch (field.type) {
    case WireType::varint: {
      NC_TRY(field.varint, varint());
      length = position_ - body_begin;
      position_ = body_begin;
      break;
    }
    case WireType::fixed64:
      length = 8;
      break;
    case WireType::fixed32:
      length = 4;
      break;
    case WireType::bytes: {
      NC_TRY(length, varint());
      body_begin = position_;
      break;
    }
    default:
      return broken("a field has an unknown wire type");
  }
  if (length > end_ - position_) return broken("a field runs past the end of its message");
  position_ += length;
  field.whole = {0, begin, position_ - begin};
  field.body = {0, body_begin, length};
  return field;
}

Status append_varints(ByteView file, const Field& field, std::vector<int64_t>& to) {
  if (field.type == WireType::varint) {
    to.push_back(static_cast<int64_t>(field.varint));
    return {};
  }
  uint64_t value = 0;
  unsigned shift = 0;
  for (const uint8_t byte : slice(file, field.body)) {
    if (shift >= 64) {
      return fail(ErrorCode::malformed, "The ONNX file is damaged: a number is longer than 10 bytes.",
                  "byte " + std::to_string(field.body.offset));
    }
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    shift += 7;
    if ((byte & 0x80) == 0) {
      to.push_back(static_cast<int64_t>(value));
      value = 0;
      shift = 0;
    }
  }
  if (shift != 0) {
    return fail(ErrorCode::malformed, "The ONNX file is damaged: a packed list of numbers is cut short.",
                "byte " + std::to_string(field.body.offset));
  }
  return {};
}

std::string_view text_of(ByteView file, Span body) {
  return {reinterpret_cast<const char*>(file.data()) + body.offset, static_cast<std::size_t>(body.length)};
}

void append_varint(Bytes& to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<uint8_t>(value | 0x80));
  to.push_back(static_cast<uint8_t>(value));
}

void append_tag(Bytes& to, uint32_t field_number, WireType type) {
  append_varint(to, static_cast<uint64_t>(field_number) << 3 | static_cast<uint64_t>(type));
}

void append_message(Rope& to, uint32_t field_number, Rope&& body) {
  Bytes head;
  append_tag(head, field_number, WireType::bytes);
  append_varint(head, body.size());
  to.append(ByteView(head));
  to.append(std::move(body));
}

void append_bytes_field(Rope& to, uint32_t field_number, std::string_view bytes) {
  Bytes head;
  append_tag(head, field_number, WireType::bytes);
  append_varint(head, bytes.size());
  head.insert(head.end(), bytes.begin(), bytes.end());
  to.append(ByteView(head));
}

}  // namespace narrowcast::onnx
