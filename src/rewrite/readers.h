#pragma once

#include "ir/edit_log.h"
#include "plan/plan.h"

namespace narrowcast {

// Has the plan's readers read `widened`, and drops the converters that a float16 source no longer needs.
void move_readers(EditLog& log, const WeightPlan& plan, ValueId widened, const std::string& reason);

template <typename T>
Constant make_constant(DType dtype, Shape shape, const std::vector<T>& elements) {
  Bytes bytes;
  bytes.reserve(elements.size() * sizeof(T));
  for (const T element : elements) append_le(bytes, element);
  return {dtype, std::move(shape), std::move(bytes)};
}

}  // namespace narrowcast
