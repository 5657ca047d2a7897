#include "exec/constants.h"

#include <cstring>

namespace narrowcast::exec {
namespace {

bool is_aligned(const uint8_t* data, unsigned bits) {
  return bits <= 8 || reinterpret_cast<uintptr_t>(data) % (bits / 8) == 0;
}

}  // namespace

Result<ops::Tensor> load_constant(ops::Memory& memory, const Files& files, const Constant& constant) {
  const unsigned bits = dtype_bits(constant.dtype);
  const int64_t count = element_count(constant.shape);
  const uint64_t length = payload_length(constant.payload);
  if (bits == 0 || count < 0 || packed_bytes(static_cast<uint64_t>(count), bits) != length) return ops::Tensor{};
  const ByteView bytes = payload_view(files, constant.payload);
  if (bytes.size() == length && is_aligned(bytes.data(), bits)) {
    return ops::Tensor{constant.dtype, ops::Layout::plain, constant.shape, {}, bytes.data()};
  }
  NC_TRY(ops::Tensor tensor, ops::make_tensor(memory, constant.dtype, constant.shape));
  read_payload(files, constant.payload, 0, {tensor.writable<uint8_t>(), static_cast<std::size_t>(length)});
  return tensor;
}

Status own_bytes(ops::Memory& memory, ops::Tensor& tensor) {
  if (tensor.buffer != nullptr || !tensor.present()) return {};
  NC_TRY(ops::Tensor copy, ops::make_tensor(memory, tensor.dtype, tensor.shape, tensor.layout));
  if (tensor.bytes() > 0) std::memcpy(copy.writable<uint8_t>(), tensor.data, tensor.bytes());
  tensor = std::move(copy);
  return {};
}

}  // namespace narrowcast::exec
