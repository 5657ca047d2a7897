#include "allocation_meter.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> allocated{0};
std::atomic<std::size_t> peak{0};
std::size_t at_reset = 0;

void* count(void* block) {
  if (block == nullptr) std::abort();
  const std::size_t now = allocated += malloc_usable_size(block);
  if (now > peak) peak = now;
  return block;
}

void release(void* block) {
  if (block != nullptr) allocated -= malloc_usable_size(block);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) { return count(std::malloc(size)); }
void* operator new[](std::size_t size) { return count(std::malloc(size)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return count(std::malloc(size)); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return count(std::malloc(size)); }
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }

namespace narrowcast::testing {

void reset_allocation_peak() {
  at_reset = allocated;
  peak = at_reset;
}

std::size_t allocation_peak() { return peak - at_reset; }

}  // namespace narrowcast::testing
