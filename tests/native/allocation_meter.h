// Counts what the tests' process has allocated, so that tests can bound the engine's memory.
#pragma once

#include <cstddef>

namespace narrowcast::testing {

// Starts a new measurement: the peak becomes what is allocated now.
void reset_allocation_peak();
// Most bytes allocated at once since the reset, beyond what was allocated then.
std::size_t allocation_peak();

}  // namespace narrowcast::testing
