// The heap, counted: what tensors take now and took at most.
#pragma once

#include "ops/tensor.h"

namespace narrowcast::exec {

class Pool final : public ops::Memory {
 public:
  uint8_t* allocate(std::size_t bytes) override;
  void release(uint8_t* data, std::size_t bytes) override;

  [[nodiscard]] std::size_t live() const { return live_; }
  [[nodiscard]] std::size_t peak() const { return peak_; }
  void reset_peak() { peak_ = live_; }

 private:
  std::size_t live_ = 0;
  std::size_t peak_ = 0;
};

}  // namespace narrowcast::exec
