// How a weight is cut into the stretches that share a scale.
#pragma once

#include <optional>

#include "ops/op.h"
#include "plan/plan.h"

namespace narrowcast {

// Product of the sizes of axes [begin, end), all known.
std::size_t count_elements(const Shape& shape, int begin, int end);

// One scale an index of the channel axis, or one for all. `axes` are those of the op that uses the weight; nothing when
// its elements are moved on the way: then any axis will do, finer scales are never worse.
void cut_channels(const Shape& shape, const std::optional<ops::WeightAxes>& axes, bool per_channel, WeightPlan& weight);

}  // namespace narrowcast
