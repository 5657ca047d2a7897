// What calibration found of a graph's activations.
#pragma once

#include <optional>
#include <vector>

#include "calib/range.h"
#include "ir/raw_op.h"

namespace narrowcast {

// By value of the file as it was read; nothing for one that was not watched. Values that edits put there come behind.
using KnownRanges = std::vector<std::optional<calib::Range>>;

inline std::optional<calib::Range> range_of(const KnownRanges& ranges, ValueId value) {
  return value.index < ranges.size() ? ranges[value.index] : std::nullopt;
}

}  // namespace narrowcast
