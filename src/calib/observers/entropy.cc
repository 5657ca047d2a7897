// The threshold whose 128 levels tell least differently from the values. Source: Migacz, "8-bit Inference with
// TensorRT" (GTC 2017). h[k]: the values with a magnitude in bin k, exact zeros left out, since every range holds 0
// exactly. For i = 128, ..., the last bin used + 1:
//   P[k] = h[k] for k < i, and P[i - 1] also counts the bins from i on; N = sum P
//   level j of 128 has the bins from floor(j i / 128) to floor((j + 1) i / 128); Q[k] = the mean over those of its bins
//   that are not empty, 0 in the others; M = sum Q = sum of h below i
//   D(i) = sum P/N log((P/N) / (Q/M)), over P > 0; infinite where Q is 0, so a candidate whose last bin is empty is
//   none
// The range is [-T, T] with T = i 2^exponent of the smallest D, of equal ones the largest i, cut to the exact extremes.
#include <algorithm>
#include <array>
#include <vector>

#include "base/math/log.h"
#include "calib/histogram.h"

namespace narrowcast::calib {
namespace {

using kernels::kHistogramBins;

constexpr std::size_t kLevels = 128;

// n log n.
double weighed(uint64_t n) { return n == 0 ? 0 : static_cast<double>(n) * math::log(static_cast<double>(n)); }

// Sums over the bins below i, by i, so that a candidate costs its 128 levels and not its bins.
struct Sums {
  std::array<uint64_t, kHistogramBins + 1> values{};
  std::array<uint32_t, kHistogramBins + 1> used{};
  std::array<double, kHistogramBins + 1> weighed{};  // h log h
};

class Search {
 public:
  explicit Search(std::span<const uint64_t> bins) : bins_(bins) {
    for (std::size_t k = 0; k < bins.size(); ++k) {
      sums_.values[k + 1] = sums_.values[k] + bins[k];
      sums_.used[k + 1] = sums_.used[k] + (bins[k] > 0 ? 1 : 0);
      sums_.weighed[k + 1] = sums_.weighed[k] + weighed(bins[k]);
    }
  }

  // D(i) without the parts that are the same for all i: (sum P log P - sum P log Q) / N + log M.
  [[nodiscard]] double divergence(std::size_t i) const {
    const uint64_t tail = sums_.values.back() - sums_.values[i];
    const uint64_t last = bins_[i - 1];
    double sum = sums_.weighed[i - 1] + weighed(last + tail);
    double last_mean = 1;
    for (std::size_t level = 0; level < kLevels; ++level) {
      const std::size_t from = level * i / kLevels;
      const std::size_t to = (level + 1) * i / kLevels;
      const uint64_t used = sums_.used[to] - sums_.used[from];
      if (used == 0) continue;
      const auto values = static_cast<double>(sums_.values[to] - sums_.values[from]);
      last_mean = values / static_cast<double>(used);
      sum -= values * math::quick_log(last_mean);
    }
    sum -= static_cast<double>(tail) * math::quick_log(last_mean);
    return sum / static_cast<double>(sums_.values.back()) + math::log(static_cast<double>(sums_.values[i]));
  }

  // The number of bins of the best threshold.
  [[nodiscard]] std::size_t best() const {
    std::size_t last = bins_.size();
    while (last > 0 && bins_[last - 1] == 0) --last;
    std::size_t chosen = last;
    double smallest = 0;
    bool any = false;
    for (std::size_t i = kLevels; i <= last; ++i) {
      if (bins_[i - 1] == 0) continue;
      const double found = divergence(i);
      if (any && found > smallest) continue;
      any = true;
      smallest = found;
      chosen = i;
    }
    return chosen;
  }

 private:
  std::span<const uint64_t> bins_;
  Sums sums_;
};

class EntropyObserver final : public HistogramObserver {
 public:
  [[nodiscard]] std::string_view method() const override { return "entropy"; }

 private:
  [[nodiscard]] Range choose(const RangeOptions&) const override {
    std::vector<uint64_t> magnitudes(kHistogramBins);
    for (std::size_t k = 0; k < kHistogramBins; ++k) {
      magnitudes[k] = histogram_.positive()[k] + histogram_.negative()[k];
    }
    const double threshold = static_cast<double>(std::make_unique<Search>(magnitudes)->best()) * histogram_.bin_width();
    return with_zero(std::max(static_cast<double>(totals().min), -threshold),
                     std::min(static_cast<double>(totals().max), threshold));
  }
};

}  // namespace

ObserverKind entropy_observer() {
  return {"entropy", "The symmetric threshold that loses least information in 128 levels.", false,
          [] { return std::unique_ptr<Observer>(std::make_unique<EntropyObserver>()); }};
}

}  // namespace narrowcast::calib
