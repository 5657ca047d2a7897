// Walks several tensors of broadcastable shapes at once, a run of neighbouring elements at a time.
#pragma once

#include <array>
#include <span>

#include "ops/tensor.h"

namespace narrowcast::ops {

inline constexpr std::size_t kMaxWalked = 4;  // tensors in one walk

// Axes that all operands cross alike are merged; the last axis is the inner run, in which an operand steps by 0 or 1.
class BroadcastWalk {
 public:
  // Shapes in memory order; each must broadcast to `result`.
  BroadcastWalk(const Shape& result, std::initializer_list<const Shape*> operands);

  [[nodiscard]] std::size_t run_length() const { return run_; }
  [[nodiscard]] bool steps(std::size_t operand) const { return inner_[operand] != 0; }

  // run(offset in the result, offsets by operand), in the order of the result's elements.
  template <typename Run>
  void for_each(Run run) const {
    std::array<std::size_t, kMaxWalked> offsets{};
    std::vector<std::size_t> index(sizes_.size(), 0);
    for (std::size_t done = 0; done < runs_; ++done) {
      run(done * run_, offsets);
      for (std::size_t axis = sizes_.size(); axis-- > 0;) {
        if (++index[axis] < sizes_[axis]) {
          for (std::size_t i = 0; i < operand_count_; ++i) offsets[i] += strides_[axis][i];
          break;
        }
        index[axis] = 0;
        for (std::size_t i = 0; i < operand_count_; ++i) offsets[i] -= strides_[axis][i] * (sizes_[axis] - 1);
      }
    }
  }

 private:
  std::size_t operand_count_ = 0;
  std::size_t run_ = 1;
  std::size_t runs_ = 1;
  std::array<std::size_t, kMaxWalked> inner_{};
  std::vector<std::size_t> sizes_;                            // outer axes
  std::vector<std::array<std::size_t, kMaxWalked>> strides_;  // by outer axis
};

}  // namespace narrowcast::ops
