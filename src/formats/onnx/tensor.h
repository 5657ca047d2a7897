#pragma once

#include "formats/onnx/records.h"

namespace narrowcast::onnx {

struct TensorRecord {
  std::string name;
  Constant constant;
  bool external = false;
  bool opaque = false;  // strings, or a list so long that only the file keeps it: carried along, not read
};

// Reads a TensorProto. Dense payloads become spans; short lists of integers are decoded.
// Errors: malformed (sizes that contradict each other), missing_file (external data that was not given or is short).
Result<TensorRecord> read_tensor(const Files& files, Span body);

// The external file a TensorProto refers to; empty when its data is inside.
Result<std::string> external_location(ByteView file, Span body);

}  // namespace narrowcast::onnx
