#pragma once

#include <string_view>

#include "formats/onnx/records.h"

namespace narrowcast::onnx {

struct ValueInfo {
  std::string_view name;  // in the file's bytes
  TensorType type;        // dtype `other` for sequences, maps and optionals
  std::vector<std::string> dim_names;
};

Result<ValueInfo> read_value_info(ByteView file, Span body);
Result<std::string_view> name_in_tensor(ByteView file, Span body);

// A ValueInfoProto for the value, as field `field_number` of a graph.
void append_value_info(Rope& graph, uint32_t field_number, const Value& value);

}  // namespace narrowcast::onnx
