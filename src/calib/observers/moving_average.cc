// Each sample's extremes, averaged: m <- m + 0.01 (x - m) in float64, beginning with the first sample's and going on in
// the order of their indices. Source: Jacob et al., "Quantization and Training of Neural Networks for Efficient
// Integer-Arithmetic-Only Inference" (CVPR 2018), 3.1; the constant is PyTorch's and onnxruntime's.
#include <algorithm>
#include <vector>

#include "calib/hex.h"
#include "calib/observer.h"
#include "calib/read_json.h"

namespace narrowcast::calib {
namespace {

constexpr double kConstant = 0.01;
constexpr std::size_t kDigits = 3 * kHexDigits;  // of a sample: its index and its extremes

struct Sample {
  uint32_t index = 0;
  float min = 0;
  float max = 0;
};

class MovingAverageObserver final : public Observer {
 public:
  [[nodiscard]] std::string_view method() const override { return "moving-average"; }

 private:
  void take(const void* x, std::size_t n, uint32_t sample, const Extremes& found) override;
  Status join_state(const Observer& other) override;
  [[nodiscard]] Range choose(const RangeOptions& options) const override;
  void write_state(Json& to) const override;
  Status read_state(const Json& from) override;

  std::vector<Sample> samples_;  // by index
};

void MovingAverageObserver::take(const void*, std::size_t, uint32_t sample, const Extremes& found) {
  const auto at = std::ranges::lower_bound(samples_, sample, {}, &Sample::index);
  if (at == samples_.end() || at->index != sample) {
    samples_.insert(at, {sample, found.min, found.max});
  } else {
    at->min = std::min(at->min, found.min);
    at->max = std::max(at->max, found.max);
  }
}

Status MovingAverageObserver::join_state(const Observer& other) {
  std::vector<Sample> all;
  std::ranges::merge(samples_, static_cast<const MovingAverageObserver&>(other).samples_, std::back_inserter(all), {},
                     &Sample::index, &Sample::index);
  const auto twice = std::ranges::adjacent_find(all, {}, &Sample::index);
  if (twice != all.end()) {
    return fail(ErrorCode::usage, "Sample " + std::to_string(twice->index) + " was seen by both.");
  }
  samples_ = std::move(all);
  return {};
}

Range MovingAverageObserver::choose(const RangeOptions&) const {
  auto min = static_cast<double>(samples_[0].min);
  auto max = static_cast<double>(samples_[0].max);
  for (const Sample& sample : samples_) {
    min += kConstant * (static_cast<double>(sample.min) - min);
    max += kConstant * (static_cast<double>(sample.max) - max);
  }
  return with_zero(min, max);
}

void MovingAverageObserver::write_state(Json& to) const {
  std::string text;
  for (const Sample& sample : samples_) {
    append_hex(text, sample.index);
    append_hex(text, sample.min);
    append_hex(text, sample.max);
  }
  to["samples"] = std::move(text);
}

Status MovingAverageObserver::read_state(const Json& from) {
  const auto wrong = [] {
    return fail(ErrorCode::malformed, "'samples' are no samples in the order of their indices.");
  };
  NC_TRY(const std::string text, read_text(from, "samples"));
  if (text.empty() || text.size() % kDigits != 0) return wrong();
  Extremes all;
  for (std::size_t at = 0; at < text.size(); at += kDigits) {
    const auto index = hex_at(text, at);
    const auto min = hex_float_at(text, at + kHexDigits);
    const auto max = hex_float_at(text, at + 2 * kHexDigits);
    if (!index || !min || !max) return wrong();
    const Sample sample{*index, *min, *max};
    const bool in_order = samples_.empty() || samples_.back().index < sample.index;
    if (!in_order || !(sample.min >= totals().min && sample.min <= sample.max && sample.max <= totals().max)) {
      return wrong();
    }
    all.min = std::min(all.min, sample.min);
    all.max = std::max(all.max, sample.max);
    samples_.push_back(sample);
  }
  if (all.min != totals().min || all.max != totals().max) return wrong();
  return {};
}

}  // namespace

ObserverKind moving_average_observer() {
  return {"moving-average", "The samples' extremes, averaged with a weight of 0.01 for each further sample.", true,
          [] { return std::unique_ptr<Observer>(std::make_unique<MovingAverageObserver>()); }};
}

}  // namespace narrowcast::calib
