#pragma once

#include "formats/tflite/records.h"

namespace narrowcast::tflite {

// Brings type, shape and quantization of a Tensor table up to the value; what already says the same stays as it is.
// `is_constant`: the shape is that of the data, so there is no signature. `tensor` was added to `set`.
// Errors: unsupported, for types that TFLite does not have; internal, for a quantization that does not hold together.
Status update_tensor(const Files& files, TableSet& set, Index tensor, const Value& value, bool is_constant);

// A Tensor table for a value that an edit made. `buffer`: number of its buffer, 0 for none.
Result<Index> new_tensor(const Files& files, TableSet& set, const Value& value, uint32_t buffer, bool with_rank_flag);

// A vector of 32-bit integers as a blob.
Index add_int32s(TableSet& set, const std::vector<int32_t>& values);

}  // namespace narrowcast::tflite
