#pragma once

#include "ir/edit_log.h"

namespace narrowcast {

// Gives every scope a DequantizeLinear of its own for the codes of outer ones that its nodes read widened: runtimes
// join pairs with the op between them only where all of them stand in one graph.
void dequantize_in_each_scope(EditLog& log);

}  // namespace narrowcast
