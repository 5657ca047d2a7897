#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "ir/payload.h"

namespace narrowcast {

using Json = nlohmann::ordered_json;

// Names come from hostile files: bytes that are not UTF-8 are replaced, never thrown about.
inline std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

inline Json shape_json(const std::optional<Shape>& shape) {
  if (!shape) return nullptr;
  Json list = Json::array();
  for (const int64_t size : *shape) list.push_back(size < 0 ? Json(nullptr) : Json(size));
  return list;
}

}  // namespace narrowcast
