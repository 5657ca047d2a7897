#pragma once

#include <vector>

#include "passes/channel_axes.h"

namespace narrowcast::calib {

// Includes 0; zeros are +0. {0, 0} when no finite value was seen.
struct Range {
  float min = 0;
  float max = 0;

  friend bool operator==(const Range&, const Range&) = default;
};

// The extremes of a value channel by channel; a zero of either sign is +0. Empty: they are not known.
struct ChannelRanges {
  ChannelAxis axis = 0;
  std::vector<float> min;
  std::vector<float> max;
  // About how many numbers of a channel were seen that do not depend on each other. Those of one sample do: as many
  // samples as the square root of theirs.
  double evidence = 0;
};

}  // namespace narrowcast::calib
