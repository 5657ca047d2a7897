// The histogram that percentile, entropy and mse share. Its width follows from the largest magnitude seen, in powers of
// two, so that widening joins whole bins and what it holds depends on the multiset of values alone.
#pragma once

#include <memory>
#include <vector>

#include "calib/observer.h"
#include "kernels/histogram/histogram.h"

namespace narrowcast::calib {

class Histogram {
 public:
  // The smallest exponent of at least -138 with magnitude < 2048 * 2^exponent. magnitude: finite.
  static int exponent_for(float magnitude);

  // x: n float32, whose finite magnitudes are at most `largest`.
  void count(const void* x, std::size_t n, float largest);
  void merge(const Histogram& other);

  [[nodiscard]] int exponent() const { return exponent_; }
  // 2^exponent.
  [[nodiscard]] double bin_width() const;
  [[nodiscard]] uint64_t zeros() const { return counts_ == nullptr ? 0 : counts_->zero; }
  // Counts of bin i of a side: finite values with floor(|x| / 2^exponent) = i. kHistogramBins each.
  [[nodiscard]] std::span<const uint64_t> positive() const;
  [[nodiscard]] std::span<const uint64_t> negative() const;

  // "exponent", "zero", and "pos" and "neg": counts from bin 0 on, a negative number -k for k empty bins, nothing after
  // the last bin that is not empty.
  void write(Json& to) const;
  // Errors: malformed, also when it does not agree with the totals.
  Status read(const Json& from, const Extremes& totals);

 private:
  void widen(int exponent);
  kernels::HistogramCounts& counts();

  int exponent_ = kernels::kLeastHistogramExponent;
  std::unique_ptr<kernels::HistogramCounts> counts_;  // null: nothing was counted
};

// An observer whose range follows from a histogram.
class HistogramObserver : public Observer {
 protected:
  Histogram histogram_;

 private:
  void take(const void* x, std::size_t n, uint32_t sample, const Extremes& found) override;
  Status join_state(const Observer& other) override;
  void write_state(Json& to) const override { histogram_.write(to); }
  Status read_state(const Json& from) override { return histogram_.read(from, totals()); }
};

}  // namespace narrowcast::calib
