// What calibration found of a graph's activations.
#pragma once

#include <optional>
#include <vector>

#include "calib/range.h"
#include "ir/raw_op.h"

namespace narrowcast {

struct KnownRange {
  calib::Range range;
  calib::ChannelRanges channels = {};
};

// By value of the file as it was read; nothing for one that was not watched. Values that edits put there come behind.
using KnownRanges = std::vector<std::optional<KnownRange>>;

inline std::optional<calib::Range> range_of(const KnownRanges& ranges, ValueId value) {
  if (value.index >= ranges.size() || !ranges[value.index]) return std::nullopt;
  return ranges[value.index]->range;
}

// Null where nothing is known by channel.
inline const calib::ChannelRanges* channels_of(const KnownRanges& ranges, ValueId value) {
  if (value.index >= ranges.size() || !ranges[value.index]) return nullptr;
  const calib::ChannelRanges& channels = ranges[value.index]->channels;
  return channels.min.empty() ? nullptr : &channels;
}

}  // namespace narrowcast
