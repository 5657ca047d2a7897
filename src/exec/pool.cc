#include "exec/pool.h"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace narrowcast::exec {
namespace {

using ops::Buffer;

constexpr std::size_t kHead = Pool::kAlignment;  // in front of the data: the Buffer itself
static_assert(sizeof(Buffer) <= kHead);

// A sanitizer is to see every use of memory that was given back.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kKeeps = false;
#else
constexpr bool kKeeps = true;
#endif

std::size_t rounded(std::size_t bytes) { return (bytes + Pool::kAlignment - 1) / Pool::kAlignment * Pool::kAlignment; }

void* take(std::size_t size) { return std::aligned_alloc(Pool::kAlignment, kHead + size); }

}  // namespace

Buffer* Pool::allocate(std::size_t bytes) {
  const std::size_t size = rounded(bytes);
  if (size < bytes || size + kHead < size) return nullptr;
  Buffer* buffer = nullptr;
  if (size <= kLargestIdle && idle_[size / kAlignment] != nullptr) {
    buffer = idle_[size / kAlignment];
    idle_[size / kAlignment] = buffer->next;
    idle_bytes_ -= size;
  } else {
    void* place = take(size);
    if (place == nullptr && idle_bytes_ > 0) {
      drop_idle();
      place = take(size);
    }
    if (place == nullptr) return nullptr;
    buffer = new (place) Buffer(*this, static_cast<uint8_t*>(place) + kHead, size);
  }
  live_ += size;
  peak_ = std::max(peak_, live_);
  return buffer;
}

void Pool::release(Buffer* buffer) {
  const std::size_t size = buffer->bytes();
  live_ -= size;
  if (!kKeeps || size > kLargestIdle || size == 0) {
    std::free(buffer);
    return;
  }
  // Sizes that nobody asks for any more must not fill the room for good.
  if (idle_bytes_ + size > kMostIdle) drop_idle();
  buffer->next = idle_[size / kAlignment];
  idle_[size / kAlignment] = buffer;
  idle_bytes_ += size;
}

void Pool::drop_idle() {
  for (Buffer*& first : idle_) {
    while (first != nullptr) {
      Buffer* const buffer = first;
      first = buffer->next;
      std::free(buffer);
    }
  }
  idle_bytes_ = 0;
}

}  // namespace narrowcast::exec
