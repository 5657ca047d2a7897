#include "exec/pool.h"

#include <algorithm>
#include <cstdlib>

namespace narrowcast::exec {
namespace {

constexpr std::size_t kAlignment = 64;

std::size_t rounded(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

uint8_t* Pool::allocate(std::size_t bytes) {
  const std::size_t size = rounded(bytes);
  if (size < bytes) return nullptr;
  auto* data = static_cast<uint8_t*>(std::aligned_alloc(kAlignment, size));
  if (data == nullptr) return nullptr;
  live_ += size;
  peak_ = std::max(peak_, live_);
  return data;
}

void Pool::release(uint8_t* data, std::size_t bytes) {
  live_ -= rounded(bytes);
  std::free(data);
}

}  // namespace narrowcast::exec
