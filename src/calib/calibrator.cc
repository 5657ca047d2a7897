#include "calib/calibrator.h"

namespace narrowcast::calib {

std::vector<ValueId> float_values(const Graph& graph, std::span<const ops::ValueFact> facts) {
  std::vector<ValueId> found;
  for (uint32_t i = 0; i < graph.values.size(); ++i) {
    const Value& value = graph.values[i];
    const DType dtype = facts[i].type.dtype;
    if (value.constant || value.name.empty()) continue;
    if (dtype == DType::f32 || dtype == DType::unknown) found.emplace_back(i);
  }
  return found;
}

Result<std::unique_ptr<Calibrator>> Calibrator::create(const Graph& graph, std::span<const Watch> watches,
                                                       Ranges empty) {
  auto made = std::make_unique<Calibrator>();
  made->ranges_ = std::move(empty);
  made->place_.assign(graph.values.size(), kNotWatched);
  for (const Watch& watch : watches) {
    const Value& value = graph[watch.value];
    if (value.constant || value.name.empty()) {
      return fail(ErrorCode::usage, "Only values that are made and have a name can be watched.", value.name);
    }
    uint32_t& place = made->place_[watch.value.index];
    if (place != kNotWatched) return fail(ErrorCode::usage, "The value is named twice.", value.name);
    place = static_cast<uint32_t>(made->ids_.size());
    made->ids_.push_back(watch.value);
    made->ranges_.values.push_back(
        {value.scope.index, value.name, watch.method->create(), ChannelExtremes(watch.channels)});
  }
  return made;
}

Status Calibrator::begin(uint32_t index, const Digest& content) {
  if (is_open_) return fail(ErrorCode::usage, "The run of sample " + std::to_string(sample_) + " was not finished.");
  if (!ranges_.samples.add(index, content)) {
    return fail(ErrorCode::usage, "Sample " + std::to_string(index) + " was seen already.");
  }
  sample_ = index;
  is_open_ = true;
  return {};
}

void Calibrator::see(ValueId value, const ops::Tensor& tensor) {
  const uint32_t place = place_[value.index];
  if (!is_open_ || place == kNotWatched || tensor.dtype != DType::f32) return;
  ObservedValue& seen = ranges_.values[place];
  const std::optional<Extremes> known = seen.channels.observe(tensor);
  seen.observer->observe(tensor.data, tensor.count(), sample_, known);
}

Result<const Ranges*> Calibrator::ranges() const {
  if (is_open_) return fail(ErrorCode::usage, "The run of sample " + std::to_string(sample_) + " was not finished.");
  return &ranges_;
}

Result<std::vector<ValueRange>> Calibrator::choose(const RangeOptions& options) const {
  NC_TRY(const Ranges* const seen, ranges());
  std::vector<ValueRange> chosen;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    const calib::Observer& observer = *seen->values[i].observer;
    NC_TRY(const Range range, observer.range(options));
    chosen.push_back({ids_[i], range, observer.totals()});
  }
  return chosen;
}

}  // namespace narrowcast::calib
