#pragma once

#include "base/dtype.h"

namespace narrowcast::ops {

// TensorType of the TFLite schema, as options such as CAST's give it. `other` for a number that has no name here.
DType dtype_of_tflite_number(int64_t number);

}  // namespace narrowcast::ops
