#include "job/merged_ranges.h"

#include <algorithm>

#include "calib/ranges.h"
#include "job/percentile.h"

namespace narrowcast {
namespace {

using calib::RangeOptions;
using calib::Ranges;

void warn(Json& list, const calib::ObservedValue& value, std::string_view kind) {
  list.push_back({{"scope", value.scope}, {"name", value.name}, {"kind", kind}});
}

void warn_of(Json& list, const calib::ObservedValue& value) {
  const calib::Extremes& totals = value.observer->totals();
  if (totals.seen() == 0) warn(list, value, "unseen");
  if (totals.nan > 0) warn(list, value, "nan");
  if (totals.pos_inf + totals.neg_inf > 0) warn(list, value, "infinite");
  if (totals.finite > 1 && totals.min == totals.max) warn(list, value, "constant");
}

std::unexpected<Error> no_ranges() { return fail(ErrorCode::usage, "There are no ranges yet."); }

Result<RangeOptions> range_options(std::string_view text, uint64_t percentile) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::usage, "The range options are no JSON object.");
  RangeOptions options;
  NC_TRY(options.percentile, percentile_of(json, percentile));
  const auto activations = json.find("activations");
  if (activations != json.end()) {
    constexpr DType kTypes[] = {DType::u8, DType::i8, DType::i16};
    const auto* const found =
        std::ranges::find_if(kTypes, [&](DType dtype) { return *activations == dtype_name(dtype); });
    if (found == std::ranges::end(kTypes)) {
      return fail(ErrorCode::usage, "Activations are uint8, int8 or int16.", "activations");
    }
    options.activations = *found;
  }
  const auto symmetric = json.find("symmetric");
  options.symmetric = symmetric != json.end() && symmetric->is_boolean() && symmetric->get<bool>();
  return options;
}

}  // namespace

MergedRanges::MergedRanges() = default;
MergedRanges::~MergedRanges() = default;

std::string MergedRanges::state() const { return ranges_ == nullptr ? "" : ranges_->write(); }

Status MergedRanges::add(std::string_view text) {
  NC_TRY(Ranges read, Ranges::read(text));
  if (ranges_ != nullptr) return ranges_->merge(read);
  ranges_ = std::make_unique<Ranges>(std::move(read));
  return {};
}

Result<std::string> MergedRanges::values(std::string_view options_text) const {
  if (ranges_ == nullptr) return no_ranges();
  NC_TRY(const RangeOptions options, range_options(options_text, ranges_->settings.percentile));
  Json values = Json::array();
  for (const calib::ObservedValue& value : ranges_->values) {
    auto range = value.observer->range(options);
    if (!range) return std::unexpected(std::move(range).error());
    const calib::Extremes& totals = value.observer->totals();
    const bool any = totals.finite > 0;
    values.push_back({{"scope", value.scope},
                      {"name", value.name},
                      {"method", value.observer->method()},
                      {"min", range->min},
                      {"max", range->max},
                      {"seen_min", any ? Json(totals.min) : Json(nullptr)},
                      {"seen_max", any ? Json(totals.max) : Json(nullptr)},
                      {"finite", totals.finite},
                      {"nan", totals.nan},
                      {"pos_inf", totals.pos_inf},
                      {"neg_inf", totals.neg_inf}});
  }
  return dump(values);
}

Result<std::string> MergedRanges::summary() const {
  if (ranges_ == nullptr) return no_ranges();
  Json warnings = Json::array();
  for (const calib::ObservedValue& value : ranges_->values) warn_of(warnings, value);
  return dump({{"samples", ranges_->samples.count()}, {"warnings", std::move(warnings)}});
}

}  // namespace narrowcast
