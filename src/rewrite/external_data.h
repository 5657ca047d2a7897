// Data files beside an ONNX model. One that lost weights is not worth keeping for the little that is left in it.
#pragma once

#include <vector>

#include "ir/edit_log.h"

namespace narrowcast {

// The data file that holds the constant; 0, the model itself, for any other value.
uint32_t data_file_of(const Value& value);

// Moves what is left in the `narrowed` files (by index) to the new data file, so that they are not needed any more.
// Returns the data files, by index, that the model still needs: the others, and those that hold what cannot move.
std::vector<uint32_t> move_external_constants(EditLog& log, const std::vector<bool>& narrowed);

}  // namespace narrowcast
