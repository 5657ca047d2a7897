// What loops make of their iterations: entries along an axis, taken apart and put together.
#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// The body that an ONNX attribute holds. Errors: malformed, when there is none.
Result<ScopeId> body_of(const RawOp& op, std::string_view attribute);

// A boolean of one element. Errors: malformed.
Result<bool> read_condition(const RawOp& op, const Tensor& tensor);
Result<Tensor> make_condition(Memory& memory, bool value);

// Entry `at` along an axis, which it does not have any more. No copy along the first axis.
Result<Tensor> entry_of(EvalContext& ctx, const Tensor& x, std::size_t axis, int64_t at);

// Tensors of one type and shape along a new axis, to the length of `room` entries with zeros behind the last one.
// Of no tensors, the shape and type are those known of the body's result; sizes that are not known are 0.
struct Stack {
  int64_t axis = 0;
  bool reversed = false;
  int64_t room = 0;
};
Result<Tensor> stack(EvalContext& ctx, const std::vector<Tensor>& parts, const Stack& form, const TensorType& known);

}  // namespace narrowcast::ops
