#include "ops/fold.h"

#include <algorithm>
#include <limits>

namespace narrowcast::ops {
namespace {

template <typename T>
bool fits_type(int64_t value) {
  return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
}

bool fits(DType dtype, int64_t value) {
  switch (dtype) {
    case DType::i64:
      return true;
    case DType::i32:
      return fits_type<int32_t>(value);
    case DType::i16:
      return fits_type<int16_t>(value);
    case DType::i8:
      return fits_type<int8_t>(value);
    case DType::u8:
      return fits_type<uint8_t>(value);
    case DType::boolean:
      return value == 0 || value == 1;
    default:
      return false;
  }
}

}  // namespace

void set_folded(InferContext& ctx, std::size_t slot, DType dtype, std::vector<int64_t> values) {
  if (std::ranges::all_of(values, [&](int64_t value) { return fits(dtype, value); })) {
    ctx.set_ints(slot, std::move(values));
  }
}

void pass_ints(InferContext& ctx, std::size_t operand, std::size_t result) {
  if (const auto* ints = ctx.ints(operand); ints != nullptr) ctx.set_ints(result, *ints);
}

namespace {

// The bytes of a constant with few elements of a type; nothing when it has many or they are not at hand.
std::optional<ByteView> few_elements(const Constant& constant, const Files* files) {
  const int64_t count = element_count(constant.shape);
  if (count < 0 || count > static_cast<int64_t>(kMaxInts)) return std::nullopt;
  if (files == nullptr && std::holds_alternative<Span>(constant.payload)) return std::nullopt;
  static const Files kNoFiles;
  const ByteView bytes = payload_view(files != nullptr ? *files : kNoFiles, constant.payload);
  if (bytes.size() != packed_bytes(static_cast<uint64_t>(count), constant.dtype)) return std::nullopt;
  return bytes;
}

template <typename Stored, typename Element>
std::vector<Element> load_all(ByteView bytes) {
  std::vector<Element> elements;
  for (std::size_t i = 0; i < bytes.size(); i += sizeof(Stored)) elements.push_back(load_le<Stored>(&bytes[i]));
  return elements;
}

}  // namespace

std::optional<std::vector<int64_t>> constant_ints(const Constant& constant, const Files* files) {
  if (constant.dtype != DType::i64 && constant.dtype != DType::i32) return std::nullopt;
  const auto bytes = few_elements(constant, files);
  if (!bytes) return std::nullopt;
  return constant.dtype == DType::i64 ? load_all<int64_t, int64_t>(*bytes) : load_all<int32_t, int64_t>(*bytes);
}

std::optional<std::vector<float>> constant_floats(const Constant& constant, const Files* files) {
  if (constant.dtype != DType::f32) return std::nullopt;
  const auto bytes = few_elements(constant, files);
  return bytes ? std::optional(load_all<float, float>(*bytes)) : std::nullopt;
}

}  // namespace narrowcast::ops
