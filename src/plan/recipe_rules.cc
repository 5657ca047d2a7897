#include "plan/recipe_rules.h"

#include <cstdlib>

#include "plan/recipe_fields.h"

namespace narrowcast::recipe {
namespace {

Status read_depth(const std::string& key, const Json& value, NodeRule& rule) {
  const bool fits =
      value.is_array() && value.size() == 2 && value[0].is_number_integer() && value[1].is_number_integer();
  constexpr int64_t kFar = 1'000'000;
  if (!fits || std::max(std::abs(value[0].get<int64_t>()), std::abs(value[1].get<int64_t>())) > kFar) {
    return wrong(key, "is not [first, last]: whole numbers, negative ones counted from the deepest node.");
  }
  rule.depth = DepthRange{value[0].get<int>(), value[1].get<int>()};
  return {};
}

Status read_rule_entry(const std::string& key, const std::string& where, const Json& value, NodeRule& rule) {
  if (key == "names") return read_strings(where, value, rule.names);
  if (key == "op_types") return read_strings(where, value, rule.op_types);
  if (key == "depth") return read_depth(where, value, rule);
  if (key == "in_float") return read_bool(where, value, rule.in_float);
  if (key == "weights") return read_choice(where, value, kWeights, rule.weights);
  if (key == "per_channel") return read_bool(where, value, rule.per_channel);
  if (key == "reduce_range") return read_bool(where, value, rule.reduce_range);
  if (key == "block_size") {
    NC_TRY(rule.block_size, read_block_size(where, value));
    return {};
  }
  return wrong(where, "is not a known part of a rule.");
}

Status read_float(const std::string& key, const Json& value, std::optional<float>& to) {
  if (!value.is_number() || !(std::abs(value.get<double>()) <= 3.4e38)) return wrong(key, "is not a float32 number.");
  to = static_cast<float>(value.get<double>());
  return {};
}

Status read_value_entry(const std::string& key, const std::string& where, const Json& value, ValueRule& rule) {
  if (key == "names") return read_strings(where, value, rule.names);
  if (key == "min") return read_float(where, value, rule.min);
  if (key == "max") return read_float(where, value, rule.max);
  if (key == "symmetric") return read_bool(where, value, rule.symmetric);
  return wrong(where, "is not a known part of an override.");
}

template <typename T, typename ReadEntry>
Result<std::vector<T>> read_list(const std::string& name, const Json& json, ReadEntry read_entry) {
  if (!json.is_array()) return wrong(name, "is not a list.");
  std::vector<T> list;
  for (const Json& one : json) {
    const std::string key = name + "[" + std::to_string(list.size()) + "]";
    if (!one.is_object()) return wrong(key, "is not an object.");
    T& entry = list.emplace_back();
    for (const auto& [part, value] : one.items()) {
      std::string where = key;
      where.append(".").append(part);
      NC_CHECK(read_entry(part, where, value, entry));
    }
  }
  return list;
}

}  // namespace

Result<std::vector<NodeRule>> read_rules(const Json& json) {
  NC_TRY(std::vector<NodeRule> rules, read_list<NodeRule>("rules", json, read_rule_entry));
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const NodeRule& rule = rules[i];
    const std::string key = "rules[" + std::to_string(i) + "]";
    if (rule.names.empty() && rule.op_types.empty() && !rule.depth) {
      return wrong(key, "says of no node what becomes of it: it needs names, op_types or depth.");
    }
    if (!rule.in_float && !rule.weights && !rule.per_channel && !rule.block_size && !rule.reduce_range) {
      return wrong(key, "sets nothing: it needs in_float, weights, per_channel, block_size or reduce_range.");
    }
  }
  return rules;
}

Result<std::vector<ValueRule>> read_values(const Json& json) {
  NC_TRY(std::vector<ValueRule> values, read_list<ValueRule>("values", json, read_value_entry));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ValueRule& value = values[i];
    const std::string key = "values[" + std::to_string(i) + "]";
    if (value.names.empty()) return wrong(key, "names no value.");
    if (!value.min && !value.max && !value.symmetric)
      return wrong(key, "sets nothing: it needs min, max or symmetric.");
    if (value.min && value.max && *value.min > *value.max) return wrong(key, "has a min above its max.");
  }
  return values;
}

}  // namespace narrowcast::recipe
