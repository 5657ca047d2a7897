// JSON as this project writes it: keys in the order in which they were set, one line. Only layers that CMake gives the
// library may include this.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace narrowcast {

using Json = nlohmann::ordered_json;

// Names come from hostile files: bytes that are not UTF-8 are replaced, never thrown about.
inline std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace narrowcast
