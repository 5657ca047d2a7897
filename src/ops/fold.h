// Arithmetic on the small integers that shapes are computed with. Not an executor: what is not certain stays unknown.
#pragma once

#include "ops/op.h"

namespace narrowcast::ops {

// Sets a result's elements if each of them fits its type; booleans are 0 and 1.
void set_folded(InferContext& ctx, std::size_t slot, DType dtype, std::vector<int64_t> values);
// The elements of a result that holds its operand's, relabelled.
void pass_ints(InferContext& ctx, std::size_t operand, std::size_t result);
// The integers in a constant; nothing when they are of another type or too many.
std::optional<std::vector<int64_t>> constant_ints(const Constant& constant, const Files* files);

// The same for float32 elements.
std::optional<std::vector<float>> constant_floats(const Constant& constant, const Files* files);

// result[i] = a[i] op b[i], where a or b may be a single element; nothing when an element has no certain value.
template <typename Operation>
std::optional<std::vector<int64_t>> fold_pairs(const std::vector<int64_t>& a, const std::vector<int64_t>& b,
                                               Operation operation) {
  const std::size_t count = a.size() == 1 ? b.size() : a.size();
  if (b.size() != count && b.size() != 1) return std::nullopt;
  std::vector<int64_t> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<int64_t> value = operation(a[a.size() == 1 ? 0 : i], b[b.size() == 1 ? 0 : i]);
    if (!value) return std::nullopt;
    out.push_back(*value);
  }
  return out;
}

}  // namespace narrowcast::ops
