#pragma once

#include <optional>

#include "base/json.h"
#include "ir/payload.h"

namespace narrowcast {

inline Json shape_json(const std::optional<Shape>& shape) {
  if (!shape) return nullptr;
  Json list = Json::array();
  for (const int64_t size : *shape) list.push_back(size < 0 ? Json(nullptr) : Json(size));
  return list;
}

}  // namespace narrowcast
