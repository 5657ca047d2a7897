#pragma once

#include <string_view>

#include "base/bytes.h"

namespace narrowcast::tflite {

inline constexpr std::string_view kMinRuntimeVersionKey = "min_runtime_version";
// Names operators by position.
inline constexpr std::string_view kControlDependenciesKey = "model_control_dependencies";
// TFLite Micro: constants are indices into value tables, so that their buffers do not fit their shapes.
inline constexpr std::string_view kCompressionKey = "COMPRESSION_METADATA";
// min_runtime_version is a string filled up with zeros to this many bytes.
inline constexpr std::size_t kVersionBytes = 16;

// The metadata buffer as text, without zeros at its end; empty when it is not printable.
std::string_view metadata_text(ByteView buffer);

// True when the bytes behind the last record only fill the file up.
bool is_padding(ByteView tail);

}  // namespace narrowcast::tflite
