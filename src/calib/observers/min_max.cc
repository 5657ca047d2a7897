// The extremes over all samples.
#include "calib/observer.h"

namespace narrowcast::calib {
namespace {

class MinMaxObserver final : public Observer {
 public:
  [[nodiscard]] std::string_view method() const override { return "min-max"; }

 private:
  void take(const void*, std::size_t, uint32_t, const Extremes&) override {}
  Status join_state(const Observer&) override { return {}; }
  [[nodiscard]] Range choose(const RangeOptions&) const override {
    return with_zero(static_cast<double>(totals().min), static_cast<double>(totals().max));
  }
  void write_state(Json&) const override {}
  Status read_state(const Json&) override { return {}; }
};

}  // namespace

ObserverKind min_max_observer() {
  return {"min-max", "The smallest and the largest value of all samples.", true,
          [] { return std::unique_ptr<Observer>(std::make_unique<MinMaxObserver>()); }};
}

}  // namespace narrowcast::calib
