// Constants whose zeros are left out: TACO's form, as TFLite stores it (schema.fbs, SparsityParameters).
#pragma once

#include "formats/tflite/budget.h"
#include "formats/tflite/tables.h"

namespace narrowcast::tflite {

// Makes the dense elements of a sparse tensor from the `data` of its buffer. Null when the parameters contradict the
// shape, each other or the data, or elements share bytes: then nobody reads the tensor.
// Errors: malformed, when the parameters, which are looked through, outgrow the budget.
Result<std::shared_ptr<const Generator>> dense_form(const TableView& tensor, const Shape& shape, DType dtype, Span data,
                                                    Budget& budget);

}  // namespace narrowcast::tflite
