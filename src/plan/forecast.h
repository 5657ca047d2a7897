// How much of a model each target would compute in integers, before any sample is seen.
#pragma once

#include <string_view>
#include <vector>

#include "formats/format.h"

namespace narrowcast {

struct Forecast {
  std::string_view target;
  bool verified = false;     // the target's rows were compared with the runtime
  std::size_t fastest = 0;   // ops in integers where that is faster, clamps that vanish included
  std::size_t possible = 0;  // all that have an integer kernel
  std::size_t nodes = 0;     // but for constants
};

// By target, in alphabetical order; nothing for TFLite.
std::vector<Forecast> forecast_targets(const Model& model);

}  // namespace narrowcast
