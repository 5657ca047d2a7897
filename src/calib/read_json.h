// Values out of JSON that anybody may have written. Errors: malformed, naming the key.
#pragma once

#include "base/json.h"
#include "base/result.h"

namespace narrowcast::calib {

// A whole number from 0 to kMostCount.
Result<uint64_t> read_count(const Json& from, const char* key);
// A finite number that float32 holds exactly; -0 is +0.
Result<float> read_float(const Json& from, const char* key);
Result<std::string> read_text(const Json& from, const char* key);
// Stays valid as long as `from`.
Result<const Json*> read_list(const Json& from, const char* key);

}  // namespace narrowcast::calib
