// Zeros around the axes of an operand, taken into the op that reads it so that no wider copy is made.
#pragma once

#include <span>
#include <vector>

#include "ops/op.h"
#include "ops/tensor.h"

namespace narrowcast::ops {

// By axis, none below zero.
struct Border {
  std::vector<int64_t> before;
  std::vector<int64_t> after;
};

// Whether an op puts zeros around its first operand and does no more.
struct BorderQuery {
  const RawOp& op;
  std::span<const Tensor* const> constants;  // by slot
  std::span<const ValueId> inputs;           // by slot; none where the operand is absent

  [[nodiscard]] bool present(std::size_t slot) const { return slot < inputs.size() && inputs[slot]; }
  // The constant in a slot, or null.
  [[nodiscard]] const Tensor* constant(std::size_t slot) const {
    return slot < constants.size() ? constants[slot] : nullptr;
  }
};

// The shape with the border around it; as it is where there is none, or where the ranks differ.
Shape with_border(const Shape& shape, const Border* border);

}  // namespace narrowcast::ops
