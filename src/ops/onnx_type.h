#pragma once

#include "base/dtype.h"

namespace narrowcast::ops {

// TensorProto.DataType, as attributes such as Cast's `to` give it. `other` for a number that has no name here.
DType dtype_of_onnx_number(int64_t number);
// The other way; 0 for a type that has no number there.
int64_t onnx_number_of_dtype(DType dtype);

}  // namespace narrowcast::ops
