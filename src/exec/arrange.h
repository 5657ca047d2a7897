// Brings tensors into the form that an op reads: order of axes, float type.
#pragma once

#include "ops/tensor.h"

namespace narrowcast::exec {

// The same elements in another order of axes. No copy where the order of the bytes stays.
Result<ops::Tensor> with_layout(ops::Memory& memory, const ops::Tensor& tensor, ops::Layout layout);
// The same tensor with leading axes of size 1 up to a rank; plain tensors only.
ops::Tensor with_rank(const ops::Tensor& tensor, std::size_t rank);
// The elements converted between float types.
Result<ops::Tensor> with_float(ops::Memory& memory, const ops::Tensor& tensor, DType dtype);

}  // namespace narrowcast::exec
