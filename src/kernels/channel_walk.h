// The walk of the per-channel kernels over a range of a flat (outer, channels, inner) tensor.
#pragma once

#include <cstddef>

#include "kernels/layout.h"

namespace narrowcast::kernels {

inline constexpr std::size_t kTableWidth = 512;  // slots of a parameter table on the stack
inline constexpr std::size_t kLongRun = 32;      // from here on a run of one channel is worth its own loop

namespace walk {

// Long runs of one channel: run(offset, count, channel).
template <typename Run>
void runs(std::size_t n, std::size_t start, ChannelLayout layout, Run run) {
  for (std::size_t done = 0; done < n;) {
    const std::size_t at = start + done;
    const std::size_t left = layout.inner - at % layout.inner;
    const std::size_t count = left < n - done ? left : n - done;
    run(done, count, at / layout.inner % layout.channels);
    done += count;
  }
}

// Calls fill(slot, channel) for the `width` elements from flat element `first` on, without a division for each.
template <typename Fill>
void fill_slots(std::size_t first, std::size_t width, ChannelLayout layout, Fill fill) {
  std::size_t channel = first / layout.inner % layout.channels;
  std::size_t left = layout.inner - first % layout.inner;
  for (std::size_t slot = 0; slot < width; ++slot) {
    fill(slot, channel);
    if (--left != 0) continue;
    left = layout.inner;
    channel = channel + 1 == layout.channels ? 0 : channel + 1;
  }
}

// A period that fits the table: the table holds as many as fit, a whole number of 16-element steps if possible.
template <typename Fill, typename Row>
void periods(std::size_t n, std::size_t start, ChannelLayout layout, Fill fill, Row row) {
  const std::size_t period = layout.channels * layout.inner;
  std::size_t width = kTableWidth / period * period;
  for (std::size_t aligned = width; aligned > 0; aligned -= period) {
    if (aligned % 16 == 0) {
      width = aligned;
      break;
    }
  }
  if (width > n) width = n;
  fill_slots(start, width, layout, fill);
  for (std::size_t done = 0; done < n; done += width) row(done, n - done < width ? n - done : width);
}

// A longer period: column by column of the matrix whose rows are periods, one table of columns at a time.
template <typename Fill, typename Row>
void columns(std::size_t n, std::size_t start, ChannelLayout layout, Fill fill, Row row) {
  const std::size_t period = layout.channels * layout.inner;
  const std::size_t end = start + n;
  for (std::size_t first = 0; first < period; first += kTableWidth) {
    const std::size_t width = period - first < kTableWidth ? period - first : kTableWidth;
    bool filled = false;
    for (std::size_t base = start / period * period; base + first < end; base += period) {
      if (base + first + width <= start) continue;
      if (!filled) fill_slots(first, width, layout, fill);
      filled = true;
      row(base + first, width);
    }
  }
}

}  // namespace walk

// Covers elements [start, start + n): run(offset, count, channel) for stretches of one channel, or fill(slot, channel)
// for a table of up to kTableWidth slots and row(offset, count, slot) for stretches that use its slots from `slot` on.
// Offsets count from `start`.
template <typename Run, typename Fill, typename Row>
void walk_channels(std::size_t n, std::size_t start, ChannelLayout layout, Run run, Fill fill, Row row) {
  if (layout.channels == 1 || layout.inner >= kLongRun) {
    walk::runs(n, start, layout, run);
  } else if (layout.channels * layout.inner <= kTableWidth) {
    walk::periods(n, start, layout, fill, [&](std::size_t offset, std::size_t count) { row(offset, count, 0); });
  } else {
    walk::columns(n, start, layout, fill, [&](std::size_t at, std::size_t width) {
      const std::size_t skip = at < start ? start - at : 0;
      const std::size_t last = at + width < start + n ? width : start + n - at;
      row(at + skip - start, last - skip, skip);
    });
  }
}

}  // namespace narrowcast::kernels
