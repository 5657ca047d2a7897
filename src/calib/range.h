#pragma once

namespace narrowcast::calib {

// Includes 0; zeros are +0. {0, 0} when no finite value was seen.
struct Range {
  float min = 0;
  float max = 0;

  friend bool operator==(const Range&, const Range&) = default;
};

}  // namespace narrowcast::calib
