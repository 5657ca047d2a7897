// An observer collects the statistics of one tensor over samples and chooses a range from them. What it holds depends
// on the samples alone: neither on their order, nor on how they were shared out among observers that are then merged.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/dtype.h"
#include "base/json.h"
#include "base/result.h"
#include "calib/extremes.h"
#include "calib/range.h"

namespace narrowcast::calib {

inline constexpr uint64_t kWholePercentile = 100'000'000;  // 100 %, in millionths of a percent
inline constexpr uint64_t kMostCount = uint64_t{1} << 53;  // of elements of one value; files hold no larger number

struct RangeOptions {
  uint64_t percentile = 99'999'000;  // millionths of a percent, at most kWholePercentile
  DType activations = DType::u8;     // u8, i8 or i16
  bool symmetric = false;            // zero is the middle code
};

class Observer {
 public:
  virtual ~Observer() = default;

  // x: n float32, any alignment. `sample` is its index among all samples of all workers. A value that is made several
  // times in one sample (in a loop) is observed as often, under the same index.
  // `known`: their extremes, where somebody has them.
  void observe(const void* x, std::size_t n, uint32_t sample, const std::optional<Extremes>& known = {});
  // Afterwards this observer has seen what both have. Errors: usage, when they are of two methods, have a sample in
  // common or hold more than kMostCount elements; this one is then of no use any more.
  Status merge(const Observer& other);
  // Errors: usage, when the method cannot serve these activations.
  [[nodiscard]] Result<Range> range(const RangeOptions& options) const;

  [[nodiscard]] const Extremes& totals() const { return totals_; }
  [[nodiscard]] virtual std::string_view method() const = 0;

  // The state, as keys of one JSON object; the same text for the same samples.
  void write(Json& to) const;
  // Errors: malformed. To be called on a new observer.
  Status read(const Json& from);

 private:
  // What is beyond the totals, which are already joined.
  virtual void take(const void* x, std::size_t n, uint32_t sample, const Extremes& found) = 0;
  virtual Status join_state(const Observer& other) = 0;
  [[nodiscard]] virtual Range choose(const RangeOptions& options) const = 0;
  virtual void write_state(Json& to) const = 0;
  virtual Status read_state(const Json& from) = 0;

  Extremes totals_;
};

struct ObserverKind {
  std::string_view name;
  std::string_view sentence;
  bool fits_int16 = false;  // 2048 bins cannot place the ends of 65536 codes
  std::unique_ptr<Observer> (*create)() = nullptr;
};

// One per file of calib/observers.
std::span<const ObserverKind> observer_kinds();
// Null when there is no such method.
const ObserverKind* find_observer(std::string_view name);

// The range from `min` to `max`, extended to 0.
Range with_zero(double min, double max);

}  // namespace narrowcast::calib
