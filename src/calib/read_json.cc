#include "calib/read_json.h"

#include "calib/observer.h"

namespace narrowcast::calib {
namespace {

std::unexpected<Error> wrong(const char* key, const char* what) {
  return fail(ErrorCode::malformed, "'" + std::string(key) + "' " + what);
}

}  // namespace

Result<uint64_t> read_count(const Json& from, const char* key) {
  const auto entry = from.find(key);
  const bool fits = entry != from.end() && entry->is_number_unsigned() && entry->get<uint64_t>() <= kMostCount;
  if (!fits) return wrong(key, "is no count.");
  return entry->get<uint64_t>();
}

Result<float> read_float(const Json& from, const char* key) {
  const auto entry = from.find(key);
  if (entry == from.end() || !entry->is_number()) return wrong(key, "is no number.");
  const auto wide = entry->get<double>();
  const auto value = static_cast<float>(wide);
  if (value - value != 0 || static_cast<double>(value) != wide) return wrong(key, "is no float32 number.");
  return value + 0.0F;
}

Result<std::string> read_text(const Json& from, const char* key) {
  const auto entry = from.find(key);
  if (entry == from.end() || !entry->is_string()) return wrong(key, "is no text.");
  return entry->get<std::string>();
}

Result<const Json*> read_list(const Json& from, const char* key) {
  const auto entry = from.find(key);
  if (entry == from.end() || !entry->is_array()) return wrong(key, "is no list.");
  return &*entry;
}

}  // namespace narrowcast::calib
