#include "plan/recipe_fields.h"

namespace narrowcast::recipe {

std::unexpected<Error> wrong(const std::string& key, std::string what) {
  return fail(ErrorCode::usage, "The recipe's '" + key + "' " + std::move(what), key);
}

Status read_strings(const std::string& key, const Json& value, std::vector<std::string>& to) {
  if (!value.is_array()) return wrong(key, "is not a list of names.");
  for (const Json& item : value) {
    if (!item.is_string()) return wrong(key, "is not a list of names.");
    to.push_back(item.get<std::string>());
  }
  return {};
}

Status read_name(const std::string& key, const Json& value, const std::vector<std::string_view>& names,
                 std::string& to) {
  std::string list;
  for (const std::string_view name : names) {
    if (value.is_string() && value.get_ref<const std::string&>() == name) {
      to = name;
      return {};
    }
    list += (list.empty() ? "" : ", ") + std::string(name);
  }
  return wrong(key, "is not one of " + list + ".");
}

Result<int> read_block_size(const std::string& key, const Json& value) {
  constexpr int kMinBlock = 16;
  constexpr int kMaxBlock = 1024;
  const bool fits = value.is_number_integer() && value.get<int64_t>() >= kMinBlock && value.get<int64_t>() <= kMaxBlock;
  if (!fits || value.get<int64_t>() % kMinBlock != 0) {
    return wrong(key, "is not a multiple of 16 between 16 and 1024.");
  }
  return value.get<int>();
}

}  // namespace narrowcast::recipe
