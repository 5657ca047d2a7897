// Readers of a recipe's entries: each takes the key, for the message, and the JSON value.
// Errors: usage, naming the key.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/dtype.h"
#include "base/json.h"
#include "base/result.h"

namespace narrowcast::recipe {

template <typename T>
struct Named {
  std::string_view name;
  T value;
};

inline constexpr std::array kWeights{Named{"int8", DType::i8}, Named{"uint8", DType::u8}, Named{"int4", DType::i4},
                                     Named{"uint4", DType::u4}};

std::unexpected<Error> wrong(const std::string& key, std::string what);

template <typename T, std::size_t n, typename To>
Status read_choice(const std::string& key, const Json& value, const std::array<Named<T>, n>& choices, To& to) {
  std::string list;
  for (const auto& choice : choices) {
    if (value.is_string() && value.get_ref<const std::string&>() == choice.name) {
      to = choice.value;
      return {};
    }
    list += (list.empty() ? "" : ", ") + std::string(choice.name);
  }
  return wrong(key, "is not one of " + list + ".");
}

template <typename To>
Status read_bool(const std::string& key, const Json& value, To& to) {
  if (!value.is_boolean()) return wrong(key, "is neither true nor false.");
  to = value.get<bool>();
  return {};
}

Status read_strings(const std::string& key, const Json& value, std::vector<std::string>& to);
Status read_name(const std::string& key, const Json& value, const std::vector<std::string_view>& names,
                 std::string& to);
Result<int> read_block_size(const std::string& key, const Json& value);

}  // namespace narrowcast::recipe
