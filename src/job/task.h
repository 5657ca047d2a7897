// Work that a shell drives step by step, and whose results it pulls out piece by piece.
#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace narrowcast {

class Task {
 public:
  virtual ~Task() = default;
  // Does the next piece of work. True when there is none left and the outputs stand.
  virtual Result<bool> step() = 0;
  // {"phase", "done", "total", "item"}
  [[nodiscard]] virtual std::string progress() const = 0;
  // After step() said true: [{"name", "size", ...}].
  [[nodiscard]] virtual std::string outputs() const = 0;
  // Makes bytes [offset, offset + out.size()) of an output.
  virtual void read(std::size_t output, uint64_t offset, std::span<uint8_t> out) const = 0;
  // What it did, as JSON.
  [[nodiscard]] virtual std::string report() const = 0;
};

}  // namespace narrowcast
