#pragma once

#include "base/json.h"
#include "calib/observer.h"

namespace narrowcast {

// The key "percentile", in millionths of a percent. Errors: usage.
inline Result<uint64_t> percentile_of(const Json& from, uint64_t fallback) {
  const auto entry = from.find("percentile");
  if (entry == from.end()) return fallback;
  if (!entry->is_number_unsigned() || entry->get<uint64_t>() > calib::kWholePercentile) {
    return fail(ErrorCode::usage, "A percentile is between 0 and 100 %.", "percentile");
  }
  return entry->get<uint64_t>();
}

}  // namespace narrowcast
