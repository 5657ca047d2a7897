// Which samples were seen, and one hash of all of them that depends neither on their order nor on how they were split.
#pragma once

#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/sha256.h"

namespace narrowcast::calib {

class SampleSet {
 public:
  // `content` is the hash of the sample's tensors. False, and nothing changes, when the index is there already.
  bool add(uint32_t index, const Digest& content);
  // Errors: usage, when the two have a sample in common; nothing changes then.
  Status merge(const SampleSet& other);

  [[nodiscard]] bool contains(uint32_t index) const;
  [[nodiscard]] uint64_t count() const;
  // The sum modulo 2^256 of SHA-256(index, 4 bytes little-endian | content) over the samples (an additive multiset
  // hash: Clarke et al., ASIACRYPT 2003).
  [[nodiscard]] const Digest& hash() const { return sum_; }

  // {"runs": [[first index, count]...], "hash"}
  [[nodiscard]] Json write() const;
  // Errors: malformed.
  static Result<SampleSet> read(const Json& from);

 private:
  struct Run {
    uint32_t first = 0;
    uint32_t count = 0;
    [[nodiscard]] uint64_t end() const { return uint64_t{first} + count; }
  };

  void insert(uint32_t index);

  std::vector<Run> runs_;  // ascending, a gap between any two
  Digest sum_{};
};

}  // namespace narrowcast::calib
