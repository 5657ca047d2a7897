// What shells do with range files.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace narrowcast {

namespace calib {
class Ranges;
}

// Range files made one.
class MergedRanges {
 public:
  MergedRanges();
  ~MergedRanges();

  // Errors: those of Ranges::read() and of merge(); after one of the latter this is of no use any more.
  Status add(std::string_view text);
  // The text of the merged file; empty before the first.
  [[nodiscard]] std::string state() const;
  // options: {"percentile": millionths, "activations": "uint8", "symmetric": false}; the percentile is else the file's.
  // [{"scope", "name", "method", "min", "max", "seen_min", "seen_max", "finite", "nan", "pos_inf", "neg_inf"}]
  // Errors: usage.
  [[nodiscard]] Result<std::string> values(std::string_view options) const;
  // {"samples", "warnings": [{"scope", "name", "kind": "unseen" | "nan" | "infinite" | "constant"}]}, without choosing
  // a range. Errors: usage.
  [[nodiscard]] Result<std::string> summary() const;

 private:
  std::unique_ptr<calib::Ranges> ranges_;
};

}  // namespace narrowcast
