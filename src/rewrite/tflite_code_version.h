// Versions of TFLite operators whose kernels for codes differ from their float ones in nothing but the types: one
// table, as the reference converter has it. Ops that need more than this say so in their folder
// (OpDef::tflite_version).
#pragma once

#include <optional>
#include <string_view>

#include "ops/op.h"

namespace narrowcast {

// The version that codes of int8 or int16 ask for; nothing when the op is not in the table, or reads no codes.
std::optional<int> tflite_code_version(const ops::VersionQuery& query);

// The runtime that came with it; empty when the op is not in the table or any will do.
std::string_view tflite_code_runtime(std::string_view type, int version);

}  // namespace narrowcast
