// How a flat tensor is seen by the per-channel and per-block kernels.
#pragma once

#include <cstddef>

namespace narrowcast::kernels {

// A tensor quantized along `axis` is (outer, channels, inner): the products of the dimensions before, at and after it.
// Element i belongs to channel (i / inner) % channels; outer is implied by the length.
struct ChannelLayout {
  std::size_t channels = 1;  // >= 1
  std::size_t inner = 1;     // >= 1
};

// A tensor quantized in blocks along one axis of length k is (outer, k, inner); the last block of each run may be
// short. Element (o, j, i) takes parameter (o, j / block_size, i) of an array shaped (outer, blocks(), inner).
struct BlockLayout {
  std::size_t outer = 1;
  std::size_t k = 1;           // >= 1
  std::size_t inner = 1;       // >= 1
  std::size_t block_size = 1;  // >= 1

  constexpr std::size_t blocks() const { return (k + block_size - 1) / block_size; }
  constexpr std::size_t elements() const { return outer * k * inner; }
  constexpr std::size_t parameters() const { return outer * blocks() * inner; }
  constexpr std::size_t parameter_of(std::size_t element) const {
    const std::size_t row = element / inner;
    return ((row / k) * blocks() + (row % k) / block_size) * inner + element % inner;
  }
};

}  // namespace narrowcast::kernels
