// Of n finite values, the k = floor(n (1e8 - p) / 2e8) smallest and as many of the largest ones are dropped, p being in
// millionths of a percent. Where the next value lies within its bin of c values is interpolated: r values of the bin
// were dropped, so it is r / c of the bin's width from its outer edge, in float64. The result stays between the exact
// extremes. onnxruntime's percentile (calibrate.py) takes the bin's left edge on both sides instead.
#include <algorithm>

#include "calib/histogram.h"

namespace narrowcast::calib {
namespace {

// floor(n * part / (2 * whole)) without 128-bit integers: both products are below 2^64 for n < 2^64.
uint64_t dropped(uint64_t n, uint64_t percentile) {
  constexpr uint64_t kBoth = 2 * kWholePercentile;
  const uint64_t part = kWholePercentile - std::min(percentile, kWholePercentile);
  return n / kBoth * part + n % kBoth * part / kBoth;
}

// The value that is reached from below after `skip` values. `low` and `high` are the bins' counts of the side that
// comes first and of the other one; seen from above, the two change places and the result its sign.
double value_behind(std::span<const uint64_t> low, uint64_t zeros, std::span<const uint64_t> high, uint64_t skip,
                    double width) {
  for (std::size_t i = low.size(); i-- > 0;) {
    if (skip < low[i]) {
      return (static_cast<double>(skip) / static_cast<double>(low[i]) - static_cast<double>(i + 1)) * width;
    }
    skip -= low[i];
  }
  if (skip < zeros) return 0;
  skip -= zeros;
  for (std::size_t i = 0; i < high.size(); ++i) {
    if (skip < high[i]) {
      return (static_cast<double>(i) + static_cast<double>(skip) / static_cast<double>(high[i])) * width;
    }
    skip -= high[i];
  }
  return 0;
}

class PercentileObserver final : public HistogramObserver {
 public:
  [[nodiscard]] std::string_view method() const override { return "percentile"; }

 private:
  [[nodiscard]] Range choose(const RangeOptions& options) const override {
    const uint64_t skip = dropped(totals().finite, options.percentile);
    const double width = histogram_.bin_width();
    const double low = value_behind(histogram_.negative(), histogram_.zeros(), histogram_.positive(), skip, width);
    const double high = -value_behind(histogram_.positive(), histogram_.zeros(), histogram_.negative(), skip, width);
    const auto min = static_cast<double>(totals().min);
    const auto max = static_cast<double>(totals().max);
    return with_zero(std::clamp(low, min, max), std::clamp(high, min, max));
  }
};

}  // namespace

ObserverKind percentile_observer() {
  return {"percentile", "What is left when a share of the smallest and of the largest values is dropped.", false,
          [] { return std::unique_ptr<Observer>(std::make_unique<PercentileObserver>()); }};
}

}  // namespace narrowcast::calib
