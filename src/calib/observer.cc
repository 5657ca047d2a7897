#include "calib/observer.h"

#include <algorithm>
#include <string>

#include "calib/read_json.h"

namespace narrowcast::calib {

#define NC_OBSERVER(name) ObserverKind name##_observer();
#include "calib/observers.inc"
#undef NC_OBSERVER

std::span<const ObserverKind> observer_kinds() {
  static const ObserverKind kKinds[] = {
#define NC_OBSERVER(name) name##_observer(),
#include "calib/observers.inc"
#undef NC_OBSERVER
  };
  return kKinds;
}

const ObserverKind* find_observer(std::string_view name) {
  const auto kinds = observer_kinds();
  const auto found = std::ranges::find(kinds, name, &ObserverKind::name);
  return found == kinds.end() ? nullptr : &*found;
}

Range with_zero(double min, double max) {
  const auto low = static_cast<float>(min);
  const auto high = static_cast<float>(max);
  return {low < 0 ? low : 0, high > 0 ? high : 0};
}

void Observer::observe(const void* x, std::size_t n, uint32_t sample, const std::optional<Extremes>& known) {
  const Extremes found = known ? *known : find_extremes(x, n);
  totals_ = join(totals_, found);
  if (found.finite > 0) take(x, n, sample, found);
}

Status Observer::merge(const Observer& other) {
  if (method() != other.method()) {
    return fail(ErrorCode::usage, "States of '" + std::string(method()) + "' and of '" + std::string(other.method()) +
                                      "' cannot be merged.");
  }
  totals_ = join(totals_, other.totals_);
  if (totals_.seen() > kMostCount) return fail(ErrorCode::usage, "Together they have seen too many elements.");
  return other.totals_.finite > 0 ? join_state(other) : Status();
}

Result<Range> Observer::range(const RangeOptions& options) const {
  const ObserverKind* kind = find_observer(method());
  if (options.activations == DType::i16 && !kind->fits_int16) {
    return fail(ErrorCode::usage, "The method '" + std::string(kind->name) +
                                      "' is too coarse for int16 activations; min-max and moving-average are not.");
  }
  return totals_.finite > 0 ? choose(options) : Range{};
}

void Observer::write(Json& to) const {
  to["finite"] = totals_.finite;
  to["nan"] = totals_.nan;
  to["pos_inf"] = totals_.pos_inf;
  to["neg_inf"] = totals_.neg_inf;
  if (totals_.finite == 0) return;
  to["min"] = static_cast<double>(totals_.min);
  to["max"] = static_cast<double>(totals_.max);
  write_state(to);
}

Status Observer::read(const Json& from) {
  NC_TRY(totals_.finite, read_count(from, "finite"));
  NC_TRY(totals_.nan, read_count(from, "nan"));
  NC_TRY(totals_.pos_inf, read_count(from, "pos_inf"));
  NC_TRY(totals_.neg_inf, read_count(from, "neg_inf"));
  if (totals_.seen() > kMostCount) return fail(ErrorCode::malformed, "The counts are too large.");
  if (totals_.finite == 0) return {};
  NC_TRY(totals_.min, read_float(from, "min"));
  NC_TRY(totals_.max, read_float(from, "max"));
  if (totals_.min > totals_.max) return fail(ErrorCode::malformed, "'min' is above 'max'.");
  return read_state(from);
}

}  // namespace narrowcast::calib
