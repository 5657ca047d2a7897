#include "ops/tensor.h"

#include <algorithm>
#include <limits>

namespace narrowcast::ops {
namespace {

template <typename T>
int64_t wide(T value) {
  return static_cast<int64_t>(value);
}

template <typename T>
std::vector<int64_t> widened(const Tensor& tensor) {
  const T* from = tensor.as<T>();
  std::vector<int64_t> values(tensor.count());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = wide(from[i]);
  return values;
}

}  // namespace

Result<Tensor> make_tensor(Memory& memory, DType dtype, const Shape& shape, Layout layout) {
  Tensor tensor;
  NC_CHECK(make_tensor_at(tensor, memory, dtype, shape, layout));
  return tensor;
}

Status make_tensor_at(Tensor& tensor, Memory& memory, DType dtype, const Shape& shape, Layout layout) {
  tensor.clear();
  const int64_t count = element_count(shape);
  constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<std::ptrdiff_t>::max());
  if (count < 0 || dtype_bits(dtype) == 0 || static_cast<uint64_t>(count) > kMost / 16) {
    return fail(ErrorCode::out_of_memory,
                "A tensor of " + std::string(dtype_name(dtype)) + " " + shape_text(shape) + " cannot be made.");
  }
  const auto bytes = static_cast<std::size_t>(packed_bytes(static_cast<uint64_t>(count), dtype));
  Buffer* const buffer = memory.allocate(std::max<std::size_t>(bytes, 1));
  if (buffer == nullptr) {
    return fail(ErrorCode::out_of_memory, "There is no memory for a tensor of " + std::to_string(bytes) + " bytes.");
  }
  tensor.dtype = dtype;
  tensor.layout = layout;
  tensor.shape = shape;
  tensor.buffer = BufferRef(buffer);
  tensor.data = buffer->data();
  return {};
}

std::size_t memory_axis(std::size_t axis, std::size_t rank, Layout layout) {
  if (layout == Layout::plain || rank < 3 || axis == 0) return axis;
  return axis == 1 ? rank - 1 : axis - 1;
}

Shape memory_shape(const Shape& shape, Layout layout) {
  Shape sizes(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) sizes[memory_axis(i, shape.size(), layout)] = shape[i];
  return sizes;
}

Shape shape_of_memory(const Shape& sizes, Layout layout) {
  Shape shape(sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i) shape[i] = sizes[memory_axis(i, sizes.size(), layout)];
  return shape;
}

std::vector<int64_t> integers_of(const Tensor& tensor) {
  switch (tensor.dtype) {
    case DType::i64:
      return widened<int64_t>(tensor);
    case DType::i32:
      return widened<int32_t>(tensor);
    case DType::i16:
      return widened<int16_t>(tensor);
    case DType::i8:
      return widened<int8_t>(tensor);
    case DType::u8:
    case DType::boolean:
      return widened<uint8_t>(tensor);
    case DType::u16:
      return widened<uint16_t>(tensor);
    case DType::u32:
      return widened<uint32_t>(tensor);
    default:
      return {};
  }
}

}  // namespace narrowcast::ops
