// The heap, counted: what tensors take now and took at most.
#pragma once

#include <array>

#include "ops/tensor.h"

namespace narrowcast::exec {

// Small buffers that come back are kept for the next of their size, since small models spend their time on allocations;
// those lying idle are not counted.
class Pool final : public ops::Memory {
 public:
  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() override { drop_idle(); }

  ops::Buffer* allocate(std::size_t bytes) override;
  void release(ops::Buffer* buffer) override;

  [[nodiscard]] std::size_t live() const { return live_; }
  [[nodiscard]] std::size_t peak() const { return peak_; }
  void reset_peak() { peak_ = live_; }
  [[nodiscard]] std::size_t idle() const { return idle_bytes_; }

  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kMostIdle = 1 << 20;  // bytes in all

 private:
  static constexpr std::size_t kLargestIdle = 64 << 10;  // one buffer
  void drop_idle();

  std::size_t live_ = 0;
  std::size_t peak_ = 0;
  std::size_t idle_bytes_ = 0;
  std::array<ops::Buffer*, kLargestIdle / kAlignment + 1> idle_{};  // by size / kAlignment; a list each
};

}  // namespace narrowcast::exec
