// The threshold with the smallest squared error of 8-bit codes. Source: Nagel et al., "A White Paper on Neural Network
// Quantization" (arXiv:2106.08295, 2021), 3.1. With w = 2^exponent, T = i w for i = last, last - 8, last - 16, ... down
// to 128, `last` being the number of bins up to the outermost one used on either side:
//   lo = min(0, max(min, -T)), hi = max(0, min(max, T)); symmetric: hi = max(-lo, hi), lo = -hi
//   scale = (hi - lo) / steps, z = round(-lo / scale), q(c) = (clamp(round(c / scale) + z, 0, steps) - z) scale
//   E(T) = sum over bins of count (c - q(c))^2, c the bin's centre
// with 255 steps (254 for symmetric int8), halves to even, in float64; exact zeros cost nothing. Of equal ones the
// largest T. The range is [max(min, -T), min(max, T)] with 0.
#include <algorithm>
#include <vector>

#include "base/math/round.h"
#include "calib/histogram.h"

namespace narrowcast::calib {
namespace {

constexpr std::size_t kLeastBins = 128;
constexpr std::size_t kStride = 8;

struct Bin {
  double centre;
  double count;
};

// Codes of a range: real = (code - zero) * scale, code from 0 to steps.
struct Codes {
  double scale;
  double zero;
  double steps;

  [[nodiscard]] double error(double x, double codes_per_unit) const {
    const double code = math::round_half_even(x * codes_per_unit) + zero;
    const double nearest = (std::clamp(code, 0.0, steps) - zero) * scale;
    return x - nearest;
  }
};

class MseObserver final : public HistogramObserver {
 public:
  [[nodiscard]] std::string_view method() const override { return "mse"; }

 private:
  [[nodiscard]] Range choose(const RangeOptions& options) const override;
  [[nodiscard]] std::vector<Bin> bins() const;
  [[nodiscard]] Range cut(double threshold) const {
    return with_zero(std::max(static_cast<double>(totals().min), -threshold),
                     std::min(static_cast<double>(totals().max), threshold));
  }
};

Codes codes_of(const Range& range, const RangeOptions& options) {
  auto low = static_cast<double>(range.min);
  auto high = static_cast<double>(range.max);
  if (options.symmetric) {
    high = std::max(-low, high);
    low = -high;
  }
  const double steps = options.symmetric && options.activations == DType::i8 ? 254 : 255;
  const double scale = (high - low) / steps;
  return {scale, math::round_half_even(-low / scale), steps};
}

double error_of(const Codes& codes, std::span<const Bin> bins) {
  const double codes_per_unit = 1 / codes.scale;
  double sum = 0;
  for (const Bin& bin : bins) {
    const double error = codes.error(bin.centre, codes_per_unit);
    sum += bin.count * (error * error);
  }
  return sum;
}

std::vector<Bin> MseObserver::bins() const {
  std::vector<Bin> used;
  const double width = histogram_.bin_width();
  const auto add = [&](std::span<const uint64_t> side, double sign) {
    for (std::size_t i = 0; i < side.size(); ++i) {
      if (side[i] == 0) continue;
      used.push_back({sign * (static_cast<double>(i) + 0.5) * width, static_cast<double>(side[i])});
    }
  };
  add(histogram_.negative(), -1);
  add(histogram_.positive(), 1);
  return used;
}

std::size_t last_used(std::span<const uint64_t> bins) {
  std::size_t last = bins.size();
  while (last > 0 && bins[last - 1] == 0) --last;
  return last;
}

Range MseObserver::choose(const RangeOptions& options) const {
  const std::vector<Bin> used = bins();
  const std::size_t last = std::max(last_used(histogram_.negative()), last_used(histogram_.positive()));
  const double width = histogram_.bin_width();
  Range best = cut(static_cast<double>(last) * width);
  if (used.empty()) return best;
  double smallest = error_of(codes_of(best, options), used);
  for (std::size_t i = last; i >= kLeastBins + kStride;) {
    i -= kStride;
    const Range range = cut(static_cast<double>(i) * width);
    const double error = error_of(codes_of(range, options), used);
    if (error >= smallest) continue;
    smallest = error;
    best = range;
  }
  return best;
}

}  // namespace

ObserverKind mse_observer() {
  return {"mse", "The threshold with the smallest squared error.", false,
          [] { return std::unique_ptr<Observer>(std::make_unique<MseObserver>()); }};
}

}  // namespace narrowcast::calib
