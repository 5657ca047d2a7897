// What calibration found of a graph's activations.
#pragma once

#include <optional>
#include <vector>

#include "calib/range.h"

namespace narrowcast {

// By value; nothing for one that was not watched.
using KnownRanges = std::vector<std::optional<calib::Range>>;

}  // namespace narrowcast
