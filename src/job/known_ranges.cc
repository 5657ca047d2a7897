#include "job/known_ranges.h"

#include <algorithm>
#include <map>

#include "base/math/sqrt.h"
#include "calib/ranges.h"
#include "plan/target.h"

namespace narrowcast {
namespace {

Status check_model(const Model& model, const calib::Ranges& ranges) {
  std::vector<ByteView> files;
  for (const InputFile& file : model.files) files.push_back(file.bytes);
  if (calib::hash_files(files) == ranges.model) return {};
  return fail(ErrorCode::calibration, "The ranges were measured on another model: calibrate this one.");
}

}  // namespace

Result<KnownRanges> known_ranges(const Model& model, const Recipe& recipe, std::string_view range_file) {
  NC_TRY(const calib::Ranges ranges, calib::Ranges::read(range_file));
  NC_CHECK(check_model(model, ranges));
  const Target* target = find_target(recipe.target);
  calib::RangeOptions options{.percentile = ranges.settings.percentile, .symmetric = recipe.symmetric};
  options.activations = recipe.activations.value_or(target == nullptr ? DType::u8 : target->activations);
  std::map<std::pair<uint32_t, std::string_view>, ValueId> by_name;
  for (std::size_t i = 0; i < model.graph.values.size(); ++i) {
    const Value& value = model.graph.values[i];
    by_name.emplace(std::pair(value.scope.index, std::string_view(value.name)), ValueId(i));
  }
  KnownRanges known(model.graph.values.size());
  for (const calib::ObservedValue& observed : ranges.values) {
    const auto found = by_name.find({observed.scope, observed.name});
    if (found == by_name.end() || observed.observer->totals().finite == 0) continue;
    NC_TRY(const calib::Range range, observed.observer->range(options));
    calib::ChannelRanges channels = observed.channels.found();
    if (!channels.min.empty()) {
      const auto seen = static_cast<double>(observed.observer->totals().finite);
      const auto samples = static_cast<double>(ranges.samples.count());
      channels.evidence = math::sqrt(seen / static_cast<double>(channels.min.size()) * samples);
    }
    known[found->second.index] = {range, std::move(channels)};
  }
  return known;
}

}  // namespace narrowcast
