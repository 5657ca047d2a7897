// The elements of a small float32 constant, such as a bias or a bound, copied: in a file they lie at any alignment.
#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"

namespace narrowcast {

// Nothing when the value is no dense float32 constant, or its bytes would have to be made.
std::optional<std::vector<float>> float_constant(const Files& files, const Value& value);

}  // namespace narrowcast
