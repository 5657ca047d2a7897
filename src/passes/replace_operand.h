// A float32 constant in place of an operand, for edits that compute new weights.
#pragma once

#include <string>
#include <vector>

#include "ir/edit_log.h"

namespace narrowcast {

// In place of the constant that stood there when nobody else reads it (`readers` of it, by collect_uses), else beside
// it under a name of its own. Returns the constant that the operand is now.
ValueId replace_operand(EditLog& log, NodeId node, uint32_t slot, std::size_t readers, Shape shape,
                        const std::vector<float>& floats, const std::string& reason);

}  // namespace narrowcast
