// The axes of a reduction as few runs of neighbours.
#pragma once

#include "kernels/reduce/reduce.h"
#include "ops/eval.h"

namespace narrowcast::ops {

// Reduce the middle one of three axes.
struct ReduceStep {
  std::size_t outer = 1;
  std::size_t n = 1;
  std::size_t inner = 1;

  [[nodiscard]] std::size_t results() const { return outer * inner; }
};

// One step a run of neighbouring reduced axes, innermost first: each is taken of the result of the one before.
// Without a reduced axis: one step of one summand. `sizes` and `reduced` by axis, in memory order.
std::vector<ReduceStep> reduce_steps(const Shape& sizes, const std::vector<bool>& reduced);

// Takes the steps; all but the last into scratch. A mean only in one step. Errors: out_of_memory.
Status reduce_in_steps(EvalContext& ctx, const std::vector<ReduceStep>& steps, kernels::ReduceKind kind, const float* x,
                       float* y);

// visit(i, of) for every element i of the operand, of the number of the result that it is reduced into.
template <typename Visit>
void for_each_spread(const Shape& sizes, const std::vector<bool>& reduced, Visit visit) {
  std::vector<std::size_t> index(sizes.size(), 0);
  std::vector<std::size_t> strides(sizes.size(), 0);
  std::size_t stride = 1;
  for (std::size_t i = sizes.size(); i-- > 0;) {
    if (reduced[i]) continue;
    strides[i] = stride;
    stride *= static_cast<std::size_t>(sizes[i]);
  }
  const auto count = static_cast<std::size_t>(element_count(sizes));
  std::size_t of = 0;
  for (std::size_t i = 0; i < count; ++i) {
    visit(i, of);
    for (std::size_t axis = sizes.size(); axis-- > 0;) {
      of += strides[axis];
      if (++index[axis] < static_cast<std::size_t>(sizes[axis])) break;
      of -= strides[axis] * static_cast<std::size_t>(sizes[axis]);
      index[axis] = 0;
    }
  }
}

// Where the reduced tensor goes: into a result that lies as the reduction makes it, or, where no layout says that
// order, into scratch first.
class ReducedResult {
 public:
  // `reduced` by axis of the shape of operand 0. Errors: out_of_memory.
  Status make(EvalContext& ctx, const std::vector<bool>& reduced, bool keeps_axes);
  // What to write: as many elements of the result's type as it has.
  [[nodiscard]] uint8_t* data() const { return data_; }
  [[nodiscard]] const Tensor& tensor() const { return *y_; }
  // Call it when all is written.
  void finish() const;

 private:
  Tensor* y_ = nullptr;
  uint8_t* data_ = nullptr;
  std::vector<std::size_t> kept_;  // axes of the operand that stay, in the order of memory
};

}  // namespace narrowcast::ops
