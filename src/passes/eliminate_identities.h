// Edit: ops that pass on their operand as it is go, so that they stand between no two integer kernels.
//   Before: y = Identity(x), or Dropout(x) of a model that is not trained;  z = op(y)
//   After:  z = op(x)
// where y is no result of its graph and x is a value of the same one.
#pragma once

#include "ir/edit_log.h"

namespace narrowcast {

// Returns how many nodes went.
std::size_t eliminate_identities(EditLog& log);

}  // namespace narrowcast
