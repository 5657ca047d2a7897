#include "exec/arrange.h"

#include "base/half.h"

namespace narrowcast::exec {
namespace {

using ops::Layout;
using ops::Tensor;

// Whether going from one order to the other moves a byte: only when axis 1 and a later axis both have elements to
// pass by each other.
bool moves(const Shape& shape) {
  if (shape.size() < 3 || shape[1] == 1) return false;
  for (std::size_t i = 2; i < shape.size(); ++i) {
    if (shape[i] != 1) return true;
  }
  return false;
}

template <typename T>
void swap_last(const T* from, T* to, std::size_t batch, std::size_t rows, std::size_t columns) {
  for (std::size_t b = 0; b < batch; ++b, from += rows * columns, to += rows * columns) {
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
    }
  }
}

void swap_last(const uint8_t* from, uint8_t* to, std::size_t batch, std::size_t rows, std::size_t columns,
               unsigned bits) {
  if (bits == 8) swap_last(from, to, batch, rows, columns);
  if (bits == 16) {
    swap_last(reinterpret_cast<const uint16_t*>(from), reinterpret_cast<uint16_t*>(to), batch, rows, columns);
  }
  if (bits == 32) {
    swap_last(reinterpret_cast<const uint32_t*>(from), reinterpret_cast<uint32_t*>(to), batch, rows, columns);
  }
  if (bits == 64) {
    swap_last(reinterpret_cast<const uint64_t*>(from), reinterpret_cast<uint64_t*>(to), batch, rows, columns);
  }
}

float load_float(const Tensor& tensor, std::size_t i) {
  switch (tensor.dtype) {
    case DType::f16:
      return f16_to_f32(tensor.as<uint16_t>()[i]);
    case DType::bf16:
      return bf16_to_f32(tensor.as<uint16_t>()[i]);
    case DType::f64:
      return static_cast<float>(tensor.as<double>()[i]);
    default:
      return tensor.as<float>()[i];
  }
}

void store_float(const Tensor& tensor, std::size_t i, float value) {
  switch (tensor.dtype) {
    case DType::f16:
      tensor.writable<uint16_t>()[i] = f32_to_f16(value);
      break;
    case DType::bf16:
      tensor.writable<uint16_t>()[i] = f32_to_bf16(value);
      break;
    case DType::f64:
      tensor.writable<double>()[i] = static_cast<double>(value);
      break;
    default:
      tensor.writable<float>()[i] = value;
  }
}

}  // namespace

Result<Tensor> with_layout(ops::Memory& memory, const Tensor& tensor, Layout layout) {
  if (tensor.layout == layout || tensor.rank() < 3 || !moves(tensor.shape) || dtype_bits(tensor.dtype) < 8) {
    Tensor same = tensor;
    same.layout = layout;
    return same;
  }
  NC_TRY(Tensor moved, ops::make_tensor(memory, tensor.dtype, tensor.shape, layout));
  const auto batch = static_cast<std::size_t>(tensor.shape[0]);
  const auto channels = static_cast<std::size_t>(tensor.shape[1]);
  const std::size_t pixels = batch * channels == 0 ? 0 : tensor.count() / (batch * channels);
  const bool to_last = layout == Layout::channels_last;
  swap_last(tensor.data, moved.writable<uint8_t>(), batch, to_last ? channels : pixels, to_last ? pixels : channels,
            dtype_bits(tensor.dtype));
  return moved;
}

Tensor with_rank(const Tensor& tensor, std::size_t rank) {
  Tensor padded = tensor;
  if (tensor.rank() < rank) padded.shape.insert(padded.shape.begin(), rank - tensor.rank(), 1);
  return padded;
}

Result<Tensor> with_float(ops::Memory& memory, const Tensor& tensor, DType dtype) {
  if (tensor.dtype == dtype) return tensor;
  NC_TRY(Tensor made, ops::make_tensor(memory, dtype, tensor.shape, tensor.layout));
  const std::size_t count = tensor.count();
  for (std::size_t i = 0; i < count; ++i) store_float(made, i, load_float(tensor, i));
  return made;
}

}  // namespace narrowcast::exec
