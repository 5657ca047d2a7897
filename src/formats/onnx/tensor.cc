#include "formats/onnx/tensor.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "onnx.pb.h"

namespace narrowcast::onnx {
namespace {

// TensorProto.DataType, by number.
constexpr std::array kDTypes{DType::unknown,     DType::f32,  DType::u8,        DType::i8,          DType::u16,
                             DType::i16,         DType::i32,  DType::i64,       DType::string,      DType::boolean,
                             DType::f16,         DType::f64,  DType::u32,       DType::u64,         DType::c64,
                             DType::c128,        DType::bf16, DType::f8_e4m3fn, DType::f8_e4m3fnuz, DType::f8_e5m2,
                             DType::f8_e5m2fnuz, DType::u4,   DType::i4,        DType::f4_e2m1};

// Lists of integers up to this long are decoded: shapes, axes, sizes. Longer ones stay in the file.
constexpr std::size_t kMaxDecodedElements = 65536;

constexpr int64_t kExternal = 1;

struct ExternalData {
  std::string location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
};

struct RawTensor {
  std::string name;
  std::vector<int64_t> dims;
  int64_t data_type = 0;
  int64_t data_location = 0;
  std::optional<Span> raw;
  std::vector<Field> lists;  // the typed data fields, in file order
  bool has_strings = false;
  bool has_segment = false;
  ExternalData external;
};

std::unexpected<Error> malformed(const RawTensor& tensor, std::string what) {
  return fail(ErrorCode::malformed, std::move(what), tensor.name.empty() ? "unnamed tensor" : tensor.name);
}

Result<uint64_t> parse_number(const RawTensor& tensor, const std::string& key, const std::string& text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return malformed(tensor, "The external data entry '" + key + "' is not a number: '" + text + "'.");
  }
  return value;
}

Status add_external_entry(ByteView file, const Field& field, RawTensor& tensor) {
  onnx_pb::StringStringEntry entry;
  const ByteView body = slice(file, field.body);
  if (!entry.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return malformed(tensor, "An external data entry cannot be read.");
  }
  if (entry.key() == "location") tensor.external.location = entry.value();
  if (entry.key() == "offset") {
    NC_TRY(tensor.external.offset, parse_number(tensor, "offset", entry.value()));
  }
  if (entry.key() == "length") {
    NC_TRY(tensor.external.length, parse_number(tensor, "length", entry.value()));
  }
  return {};
}

Result<RawTensor> scan(ByteView file, Span body) {
  RawTensor tensor;
  FieldReader reader(file, body);
  while (!reader.done()) {
    NC_TRY(const Field field, reader.next());
    switch (field.number) {
      case tensor_field::dims:
        NC_CHECK(append_varints(file, field, tensor.dims));
        break;
      case tensor_field::data_type:
        tensor.data_type = static_cast<int64_t>(field.varint);
        break;
      case tensor_field::data_location:
        tensor.data_location = static_cast<int64_t>(field.varint);
        break;
      case tensor_field::name:
        tensor.name = text_of(file, field.body);
        break;
      case tensor_field::raw_data:
        tensor.raw = field.body;
        break;
      case tensor_field::string_data:
        tensor.has_strings = true;
        break;
      case tensor_field::segment:
        tensor.has_segment = true;
        break;
      case tensor_field::external_data:
        NC_CHECK(add_external_entry(file, field, tensor));
        break;
      case tensor_field::float_data:
      case tensor_field::int32_data:
      case tensor_field::int64_data:
      case tensor_field::double_data:
      case tensor_field::uint64_data:
        tensor.lists.push_back(field);
        break;
      default:
        break;
    }
  }
  return tensor;
}

Result<Span> external_span(const Files& files, const RawTensor& tensor, std::optional<uint64_t> expected) {
  const ExternalData& data = tensor.external;
  for (std::size_t i = 1; i < files.size(); ++i) {
    if (files[i].name != data.location) continue;
    const uint64_t size = files[i].bytes.size();
    const uint64_t length = data.length.value_or(expected.value_or(data.offset <= size ? size - data.offset : 0));
    if (data.offset > size || length > size - data.offset) {
      return fail(ErrorCode::missing_file,
                  "The data file '" + data.location + "' is too short: " + std::to_string(size) + " bytes, but " +
                      std::to_string(length) + " are needed at byte " + std::to_string(data.offset) + ".",
                  tensor.name);
    }
    return Span{static_cast<uint32_t>(i), data.offset, length};
  }
  return fail(ErrorCode::missing_file, "The model keeps this tensor in '" + data.location + "': give that file too.",
              tensor.name);
}

// The typed list as the dtype's bytes; fails when the list is of the wrong kind or length.
Result<Bytes> decode_integers(ByteView file, const RawTensor& tensor, DType dtype, uint64_t count) {
  std::vector<int64_t> numbers;
  for (const Field& field : tensor.lists) NC_CHECK(append_varints(file, field, numbers));
  const unsigned bits = dtype_bits(dtype);
  const uint64_t stored = bits >= 8 ? count : packed_bytes(count, dtype);
  if (numbers.size() != stored) {
    return malformed(tensor, "The tensor holds " + std::to_string(numbers.size()) + " numbers where its shape needs " +
                                 std::to_string(stored) + ".");
  }
  Bytes bytes;
  const std::size_t width = std::max(1U, bits / 8);
  bytes.reserve(numbers.size() * width);
  for (const int64_t number : numbers) {
    const auto* from = reinterpret_cast<const uint8_t*>(&number);
    bytes.insert(bytes.end(), from, from + width);
  }
  return bytes;
}

Result<Bytes> join_fixed(ByteView file, const RawTensor& tensor, uint64_t expected) {
  uint64_t total = 0;
  for (const Field& field : tensor.lists) total += field.body.length;
  if (total != expected) {
    return malformed(tensor, "The tensor holds " + std::to_string(total) + " bytes where its shape needs " +
                                 std::to_string(expected) + ".");
  }
  Bytes bytes;
  bytes.reserve(static_cast<std::size_t>(total));
  for (const Field& field : tensor.lists) {
    const ByteView part = slice(file, field.body);
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  return bytes;
}

bool is_fixed_width_list(uint32_t field_number) {
  return field_number == tensor_field::float_data || field_number == tensor_field::double_data;
}

Status read_lists(const Files& files, const RawTensor& tensor, uint64_t count, uint64_t length, TensorRecord& record) {
  const ByteView file = files[0].bytes;
  const uint32_t kind = tensor.lists.front().number;
  for (const Field& field : tensor.lists) {
    if (field.number != kind) return malformed(tensor, "The tensor holds data of two kinds.");
  }
  if (is_fixed_width_list(kind)) {
    const DType stored = kind == tensor_field::float_data ? DType::f32 : DType::f64;
    if (record.constant.dtype != stored) {
      record.opaque = true;  // complex numbers are stored as pairs
      return {};
    }
    if (tensor.lists.size() == 1 && tensor.lists[0].body.length == length) {
      record.constant.payload = tensor.lists[0].body;
      return {};
    }
    NC_TRY(record.constant.payload, join_fixed(file, tensor, length));
    return {};
  }
  if (count > kMaxDecodedElements) {
    record.opaque = true;
    return {};
  }
  NC_TRY(record.constant.payload, decode_integers(file, tensor, record.constant.dtype, count));
  return {};
}

}  // namespace

DType dtype_of_onnx(int64_t data_type) {
  if (data_type < 0 || data_type >= static_cast<int64_t>(kDTypes.size())) return DType::other;
  return kDTypes[static_cast<std::size_t>(data_type)];
}

int32_t onnx_of_dtype(DType dtype) {
  const auto it = std::ranges::find(kDTypes, dtype);
  return it != kDTypes.end() ? static_cast<int32_t>(it - kDTypes.begin()) : 0;
}

Result<TensorRecord> read_tensor(const Files& files, Span body) {
  NC_TRY(const RawTensor tensor, scan(files[0].bytes, body));
  TensorRecord record{.name = tensor.name, .constant = {dtype_of_onnx(tensor.data_type), tensor.dims, Bytes{}}};
  for (const int64_t size : tensor.dims) {
    if (size < 0)
      return malformed(tensor, "The tensor has a negative size in its shape " + shape_text(tensor.dims) + ".");
  }
  if (tensor.has_segment) {
    return fail(ErrorCode::unsupported, "The tensor is stored in segments, which no current tool writes.", tensor.name);
  }
  const unsigned bits = dtype_bits(record.constant.dtype);
  if (bits == 0) {
    record.opaque = true;
    return record;
  }
  const int64_t count = element_count(tensor.dims);
  if (count < 0 || static_cast<uint64_t>(count) > UINT64_MAX / 16) {
    return malformed(tensor, "The tensor's shape " + shape_text(tensor.dims) + " is larger than any file.");
  }
  const uint64_t length = packed_bytes(static_cast<uint64_t>(count), bits);
  Span span;
  if (tensor.data_location == kExternal) {
    NC_TRY(span, external_span(files, tensor, length));
    record.external = true;
  } else if (tensor.raw) {
    span = *tensor.raw;
  } else if (!tensor.lists.empty()) {
    NC_CHECK(read_lists(files, tensor, static_cast<uint64_t>(count), length, record));
    return record;
  }
  if (span.length != length) {
    return malformed(tensor, "The tensor holds " + std::to_string(span.length) + " bytes where its shape " +
                                 shape_text(tensor.dims) + " of " + std::string(dtype_name(record.constant.dtype)) +
                                 " needs " + std::to_string(length) + ".");
  }
  record.constant.payload = span;
  return record;
}

Result<std::string> external_location(ByteView file, Span body) {
  NC_TRY(const RawTensor tensor, scan(file, body));
  return tensor.data_location == kExternal ? tensor.external.location : std::string();
}

}  // namespace narrowcast::onnx
