#include "ir/raw_op.h"

#include <algorithm>

namespace narrowcast {
namespace {

template <typename T>
const T* find_as(const RawOp& op, std::string_view name) {
  const AttributeValue* value = op.find(name);
  return value != nullptr ? std::get_if<T>(value) : nullptr;
}

}  // namespace

const AttributeValue* RawOp::find(std::string_view name) const {
  const auto it = std::ranges::find(attributes, name, &Attribute::name);
  return it != attributes.end() ? &it->value : nullptr;
}

int64_t RawOp::int_or(std::string_view name, int64_t fallback) const {
  const auto* value = find_as<int64_t>(*this, name);
  return value != nullptr ? *value : fallback;
}

float RawOp::float_or(std::string_view name, float fallback) const {
  const auto* value = find_as<float>(*this, name);
  return value != nullptr ? *value : fallback;
}

std::string_view RawOp::string_or(std::string_view name, std::string_view fallback) const {
  const auto* value = find_as<std::string>(*this, name);
  return value != nullptr ? std::string_view(*value) : fallback;
}

std::vector<int64_t> RawOp::ints(std::string_view name) const {
  if (const auto* list = find_as<std::vector<int64_t>>(*this, name)) return *list;
  if (const auto* one = find_as<int64_t>(*this, name)) return {*one};
  return {};
}

}  // namespace narrowcast
