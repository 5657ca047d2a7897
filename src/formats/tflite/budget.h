#pragma once

#include <cstdint>

#include "base/result.h"

namespace narrowcast::tflite {

// Bounds the memory that reading a file may take, payloads not counted: those stay in the file. A record of a real
// model costs about 20 times its bytes once it is a table and a node or value; a file in which many records point to
// the same bytes could ask for far more, and is refused.
class Budget {
 public:
  explicit Budget(uint64_t file_bytes) : left_(kBase + kFactor * file_bytes) {}

  // Errors: malformed.
  Status take(uint64_t bytes) {
    if (bytes > left_) {
      return fail(ErrorCode::malformed, "The file's records refer to each other so often that they outgrow the file.");
    }
    left_ -= bytes;
    return {};
  }

  static constexpr uint64_t kBase = uint64_t{1} << 20;
  static constexpr uint64_t kFactor = 64;

 private:
  uint64_t left_;
};

}  // namespace narrowcast::tflite
