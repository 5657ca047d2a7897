// A tensor at run time, and the memory it lies in.
#pragma once

#include <cstddef>
#include <utility>

#include "base/result.h"
#include "ir/payload.h"

namespace narrowcast::ops {

class Memory;

// One allocation. Aligned to 64 bytes.
class Buffer {
 public:
  Buffer(Memory& memory, uint8_t* data, std::size_t bytes) : memory_(memory), data_(data), bytes_(bytes) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  [[nodiscard]] uint8_t* data() const { return data_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  Buffer* next = nullptr;  // the memory's own, while nobody holds the buffer

 private:
  friend class BufferRef;
  Memory& memory_;
  uint8_t* data_;
  std::size_t bytes_;
  std::size_t holders_ = 0;
};

// Where tensors get their bytes.
class Memory {
 public:
  virtual ~Memory() = default;
  // A buffer that nobody holds yet. Null when there is not that much.
  virtual Buffer* allocate(std::size_t bytes) = 0;
  virtual void release(Buffer* buffer) = 0;
};

// A share in a buffer: the last one that goes gives it back. The memory must outlive it. For one thread.
class BufferRef {
 public:
  BufferRef() = default;
  explicit BufferRef(Buffer* buffer) : buffer_(buffer) { hold(); }
  BufferRef(const BufferRef& other) : buffer_(other.buffer_) { hold(); }
  BufferRef(BufferRef&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  BufferRef& operator=(BufferRef other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~BufferRef() { reset(); }

  void reset() {
    Buffer* const buffer = std::exchange(buffer_, nullptr);
    if (buffer != nullptr && --buffer->holders_ == 0) buffer->memory_.release(buffer);
  }
  [[nodiscard]] std::size_t use_count() const { return buffer_ == nullptr ? 0 : buffer_->holders_; }
  [[nodiscard]] Buffer* operator->() const { return buffer_; }
  friend bool operator==(const BufferRef& ref, std::nullptr_t) { return ref.buffer_ == nullptr; }

 private:
  void hold() {
    if (buffer_ != nullptr) ++buffer_->holders_;
  }
  Buffer* buffer_ = nullptr;
};

// Order of the axes in memory. channels_last: axis 1 of the shape lies innermost (NCHW is stored as NHWC).
enum class Layout : uint8_t { plain, channels_last };

// Elements are packed without gaps; data is aligned to its element. 4-bit types share bytes, booleans take one each.
struct Tensor {
  DType dtype = DType::unknown;  // unknown: no tensor
  Layout layout = Layout::plain;
  Shape shape;       // as the model means it, whatever the layout; every size known
  BufferRef buffer;  // null: the bytes belong to somebody who outlives the tensor
  const uint8_t* data = nullptr;

  [[nodiscard]] bool present() const { return dtype != DType::unknown; }
  [[nodiscard]] std::size_t rank() const { return shape.size(); }
  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(element_count(shape)); }
  [[nodiscard]] std::size_t bytes() const { return static_cast<std::size_t>(packed_bytes(count(), dtype)); }
  template <typename T>
  [[nodiscard]] const T* as() const {
    return reinterpret_cast<const T*>(data);
  }
  // Only for tensors that were just made.
  template <typename T>
  [[nodiscard]] T* writable() const {
    return reinterpret_cast<T*>(const_cast<uint8_t*>(data));
  }
  // No tensor any more. The shape's own memory stays for the next one.
  void clear() {
    dtype = DType::unknown;
    shape.clear();
    buffer.reset();
    data = nullptr;
  }
};

// A tensor with memory of its own. Errors: out_of_memory.
Result<Tensor> make_tensor(Memory& memory, DType dtype, const Shape& shape, Layout layout = Layout::plain);
// The same in the place of an old tensor. `shape` is not the tensor's own.
Status make_tensor_at(Tensor& tensor, Memory& memory, DType dtype, const Shape& shape, Layout layout);

// The sizes in the order in which they lie in memory.
Shape memory_shape(const Shape& shape, Layout layout);
// Where axis `axis` of a shape of this rank lies in memory.
std::size_t memory_axis(std::size_t axis, std::size_t rank, Layout layout);
// The inverse of memory_shape.
Shape shape_of_memory(const Shape& sizes, Layout layout);

// The elements of an integer or boolean tensor. Empty for other types.
std::vector<int64_t> integers_of(const Tensor& tensor);

}  // namespace narrowcast::ops
