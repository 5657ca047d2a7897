// What a calibration has seen: one observer a value, and which model, samples and settings they are about. Parts made
// by several workers, processes or machines merge into what one would have made, byte for byte.
#pragma once

#include <string>
#include <vector>

#include "base/sha256.h"
#include "calib/channel_extremes.h"
#include "calib/observer.h"
#include "calib/samples.h"

namespace narrowcast::calib {

inline constexpr int kRangesVersion = 1;
inline constexpr std::size_t kMostValues = 1 << 20;

struct Settings {
  uint64_t percentile = RangeOptions().percentile;
  std::string signature;  // of a TFLite model; empty: its main graph
  bool winograd = true;

  friend bool operator==(const Settings&, const Settings&) = default;
};

struct ObservedValue {
  uint32_t scope = 0;  // index of the graph in the model, functions inlined
  std::string name;    // unique in its scope
  std::unique_ptr<Observer> observer;
  ChannelExtremes channels;
};

class Ranges {
 public:
  Digest model{};  // of the model's files
  Settings settings;
  SampleSet samples;
  std::vector<ObservedValue> values;  // in the order in which they were asked for

  // SHA-256 of the settings and of what is observed how: parts with another one do not belong together.
  [[nodiscard]] Digest settings_hash() const;

  // Errors: usage, when the parts are of another model, of other settings or have samples in common. After an error
  // this one is of no use any more.
  Status merge(const Ranges& other);

  // One JSON object, as ARCHITECTURE.md, "Range files", states it; the same text for the same samples.
  [[nodiscard]] std::string write() const;
  // Errors: malformed, naming the value; unsupported, when a later version wrote it. Takes memory in proportion to the
  // text.
  static Result<Ranges> read(std::string_view text);
};

// SHA-256 of the only file, or of the files' hashes one behind the other.
Digest hash_files(std::span<const ByteView> files);

}  // namespace narrowcast::calib
