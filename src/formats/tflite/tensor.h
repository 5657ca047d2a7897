#pragma once

#include "formats/tflite/budget.h"
#include "formats/tflite/records.h"

namespace narrowcast::tflite {

// The quantization of a Tensor; nothing when it has no scales.
// Errors: malformed, when counts or axis do not fit the tensor's shape.
Result<std::optional<QuantParams>> read_quant(const TableView& tensor);

// A Tensor as a value of the neutral graph, its scope not yet set. `buffers` are the model's, by index.
// A tensor whose buffer has data is a constant.
Result<Value> read_tensor(const TableView& tensor, const std::vector<Span>& buffers, Budget& budget);

}  // namespace narrowcast::tflite
