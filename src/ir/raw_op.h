// What an op sees of its node, the same for both formats.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "ir/payload.h"

namespace narrowcast {

using NodeId = Id<struct NodeTag>;
using ValueId = Id<struct ValueTag>;
using ScopeId = Id<struct ScopeTag>;

using AttributeValue = std::variant<std::monostate, int64_t, float, std::string, std::vector<int64_t>,
                                    std::vector<float>, std::vector<std::string>, Constant, std::vector<ScopeId>>;

struct Attribute {
  std::string name;
  AttributeValue value;   // monostate: a kind that the engine carries along without reading it, or a reference
  std::string reference;  // in the body of a function: the caller's attribute that stands here
};

// domain: "" is ONNX's own, "tflite" is TFLite's; the others are spelt as in the file.
// version: ONNX, the opset of the domain; TFLite, the operator code's version.
struct RawOp {
  std::string domain;
  std::string type;
  int version = 1;
  std::vector<Attribute> attributes;

  [[nodiscard]] const AttributeValue* find(std::string_view name) const;
  [[nodiscard]] int64_t int_or(std::string_view name, int64_t fallback) const;
  [[nodiscard]] float float_or(std::string_view name, float fallback) const;
  [[nodiscard]] std::string_view string_or(std::string_view name, std::string_view fallback) const;
  // Empty when absent; a single int counts as a list of one.
  [[nodiscard]] std::vector<int64_t> ints(std::string_view name) const;
};

inline constexpr std::string_view kTfliteDomain = "tflite";
inline constexpr std::string_view kMicrosoftDomain = "com.microsoft";

}  // namespace narrowcast
