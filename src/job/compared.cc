// The text of what was compared: parts of several workers are put together from it.
#include <algorithm>

#include "base/json.h"
#include "job/comparison.h"

namespace narrowcast {
namespace {

constexpr const char* kKind = "comparison";

// [signal, noise, max_error, elements, clipped, both_odd, unlike]
Json write_error(const ValueError& e) {
  return {e.signal, e.noise, e.max_error, e.elements, e.clipped, e.both_odd, e.unlike};
}

std::optional<ValueError> read_error(const Json& from) {
  constexpr std::size_t kSums = 3;
  constexpr std::size_t kCounts = 4;
  if (!from.is_array() || from.size() != kSums + kCounts) return std::nullopt;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (i < kSums ? !from[i].is_number() : !from[i].is_number_unsigned()) return std::nullopt;
  }
  return ValueError{from[0].get<double>(),   from[1].get<double>(),   from[2].get<double>(),  from[3].get<uint64_t>(),
                    from[4].get<uint64_t>(), from[5].get<uint64_t>(), from[6].get<uint64_t>()};
}

Json write_output(const OutputError& output) {
  return {write_error(output.error), output.decisions, output.same, output.before, output.after};
}

bool are_integers(const Json& list) {
  return list.is_array() && std::ranges::all_of(list, [](const Json& entry) { return entry.is_number_integer(); });
}

std::optional<OutputError> read_output(const Json& from) {
  constexpr std::size_t kParts = 5;
  if (!from.is_array() || from.size() != kParts) return std::nullopt;
  const auto error = read_error(from[0]);
  if (!error || !from[1].is_number_unsigned() || !from[2].is_number_unsigned()) return std::nullopt;
  if (!are_integers(from[3]) || !are_integers(from[4])) return std::nullopt;
  OutputError output{*error, from[1].get<uint64_t>(), from[2].get<uint64_t>(), from[3].get<std::vector<int64_t>>(),
                     from[4].get<std::vector<int64_t>>()};
  if (output.before.size() != output.after.size()) return std::nullopt;
  return output;
}

std::optional<SampleErrors> read_sample(const Json& values, const Json& outputs) {
  SampleErrors sample;
  for (const Json& entry : values) {
    const auto error = read_error(entry);
    if (!error) return std::nullopt;
    sample.values.push_back(*error);
  }
  for (const Json& entry : outputs) {
    auto output = read_output(entry);
    if (!output) return std::nullopt;
    sample.outputs.push_back(std::move(*output));
  }
  return sample;
}

bool read_names(Json& json, Compared& compared) {
  if (!json["values"].is_array() || !json["outputs"].is_array() || !json["samples"].is_array()) return false;
  for (const Json& entry : json["values"]) {
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_number_unsigned() || !entry[1].is_string()) return false;
    compared.values.push_back({entry[0].get<uint32_t>(), entry[1].get<std::string>()});
  }
  for (const Json& entry : json["outputs"]) {
    if (!entry.is_string()) return false;
    compared.outputs.push_back(entry.get<std::string>());
  }
  return true;
}

bool read_histograms(const Json& list, Compared& compared) {
  if (!list.is_array()) return false;
  for (const Json& entry : list) {
    constexpr std::size_t kParts = 4;
    if (!entry.is_array() || entry.size() != kParts || !entry[0].is_number_unsigned()) return false;
    if (!entry[1].is_number() || !entry[2].is_number() || !entry[3].is_array() || entry[3].size() != kBins)
      return false;
    const auto place = entry[0].get<uint64_t>();
    if (place >= compared.values.size()) return false;
    Compared::Counted& counted = compared.histograms[static_cast<uint32_t>(place)];
    counted.span = {entry[1].get<double>(), entry[2].get<double>()};
    for (std::size_t i = 0; i < kBins; ++i) {
      if (!entry[3][i].is_number_unsigned()) return false;
      counted.counts[i] = entry[3][i].get<uint64_t>();
    }
  }
  return true;
}

}  // namespace

std::string Compared::write() const {
  Json json{{"schema_version", 1}, {"kind", kKind}};
  Json& names = json["values"] = Json::array();
  for (const Name& value : values) names.push_back(Json::array({value.scope, value.name}));
  json["outputs"] = outputs;
  Json& list = json["samples"] = Json::array();
  for (const auto& [index, sample] : samples) {
    Json errors = Json::array();
    for (const ValueError& error : sample.values) errors.push_back(write_error(error));
    Json results = Json::array();
    for (const OutputError& output : sample.outputs) results.push_back(write_output(output));
    list.push_back(Json::array({index, std::move(errors), std::move(results)}));
  }
  Json& histogram_list = json["histograms"] = Json::array();
  for (const auto& [place, counted] : histograms) {
    histogram_list.push_back(Json::array({place, counted.span.min, counted.span.max, counted.counts}));
  }
  return dump(json);
}

Result<Compared> Compared::read(std::string_view text) {
  const auto wrong = [] { return fail(ErrorCode::malformed, "This is no comparison that the engine wrote."); };
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json["kind"] != kKind) return wrong();
  Compared compared;
  if (!read_names(json, compared)) return wrong();
  for (const Json& entry : json["samples"]) {
    constexpr std::size_t kParts = 3;
    if (!entry.is_array() || entry.size() != kParts || !entry[0].is_number_unsigned()) return wrong();
    if (entry[1].size() != compared.values.size() || entry[2].size() != compared.outputs.size()) return wrong();
    auto sample = read_sample(entry[1], entry[2]);
    if (!sample || !compared.samples.emplace(entry[0].get<uint32_t>(), std::move(*sample)).second) return wrong();
  }
  if (!read_histograms(json["histograms"], compared)) return wrong();
  return compared;
}

Status Compared::merge(Compared other) {
  if (other.values != values || other.outputs != outputs) {
    return fail(ErrorCode::usage, "The comparisons are not of the same two models.");
  }
  for (const auto& [place, counted] : other.histograms) {
    Counted& mine = histograms[place];
    mine.span = counted.span;
    for (std::size_t i = 0; i < kBins; ++i) mine.counts[i] += counted.counts[i];
  }
  for (auto& [index, sample] : other.samples) {
    if (!samples.emplace(index, std::move(sample)).second) {
      return fail(ErrorCode::usage, "Sample " + std::to_string(index) + " was compared twice.");
    }
  }
  return {};
}

}  // namespace narrowcast
