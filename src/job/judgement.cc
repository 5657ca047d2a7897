#include "job/judgement.h"

#include <algorithm>

#include "base/math/round.h"
#include "job/comparison.h"
#include "report/json.h"

namespace narrowcast {
namespace {

constexpr double kPercent = 100;

struct Totals {
  std::vector<ValueError> values;
  std::vector<OutputError> outputs;  // without their decisions one by one
};

struct Labelled {
  std::size_t output = 0;
  uint64_t labels = 0;
  uint64_t before = 0;  // right in the float model
  uint64_t after = 0;
};

bool is_finite(double value) { return value - value == 0; }

// JSON has no infinities: no noise is null, as are elements that are unlike; noise without a signal is kNoSignal.
constexpr double kNoSignal = -200;

Json decibels(const ValueError& error) {
  if (error.unlike > 0 || error.noise == 0) return nullptr;
  const double db = error.sqnr_db();
  return is_finite(db) ? math::round_half_away(db * 100) / 100 : kNoSignal;
}

Result<Compared> merged(std::string_view text) {
  const Json states = Json::parse(text, nullptr, false);
  if (!states.is_array() || states.empty()) return fail(ErrorCode::usage, "There are no comparisons to judge.");
  std::optional<Compared> whole;
  for (const Json& state : states) {
    if (!state.is_string()) return fail(ErrorCode::usage, "A comparison is a text.");
    NC_TRY(Compared part, Compared::read(state.get_ref<const std::string&>()));
    if (whole) {
      NC_CHECK(whole->merge(std::move(part)));
    } else {
      whole = std::move(part);
    }
  }
  return std::move(*whole);
}

Totals fold(const Compared& compared) {
  Totals totals;
  totals.values.resize(compared.values.size());
  totals.outputs.resize(compared.outputs.size());
  for (const auto& [index, sample] : compared.samples) {
    for (std::size_t i = 0; i < totals.values.size(); ++i) totals.values[i].add(sample.values[i]);
    for (std::size_t i = 0; i < totals.outputs.size(); ++i) {
      totals.outputs[i].error.add(sample.outputs[i].error);
      totals.outputs[i].decisions += sample.outputs[i].decisions;
      totals.outputs[i].same += sample.outputs[i].same;
    }
  }
  return totals;
}

Json figures(const ValueError& error) {
  const uint64_t measured = error.elements - std::min(error.elements, error.both_odd + error.unlike);
  const double count = static_cast<double>(std::max<uint64_t>(measured, 1));
  Json json{{"sqnr_db", decibels(error)},
            {"max_error", error.max_error},
            {"signal_power", error.signal / count},
            {"noise_power", error.noise / count},
            {"elements", error.elements}};
  if (error.unlike > 0) json["unlike"] = error.unlike;
  return json;
}

Json output_list(const Compared& compared, const Totals& totals) {
  Json list = Json::array();
  for (std::size_t i = 0; i < compared.outputs.size(); ++i) {
    Json entry{{"name", compared.outputs[i]}};
    entry.update(figures(totals.outputs[i].error));
    entry["decisions"] = totals.outputs[i].decisions;
    entry["same"] = totals.outputs[i].same;
    list.push_back(std::move(entry));
  }
  return list;
}

Json value_list(const Compared& compared, const Totals& totals) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < totals.values.size(); ++i) {
    if (totals.values[i].elements > 0 || totals.values[i].unlike > 0) order.push_back(i);
  }
  std::vector<double> noise;
  for (const ValueError& error : totals.values) noise.push_back(error.sqnr_db());
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return noise[i]; });
  Json list = Json::array();
  for (const std::size_t i : order) {
    Json entry{{"scope", compared.values[i].scope}, {"name", compared.values[i].name}};
    entry.update(figures(totals.values[i]));
    entry["share_clipped"] = static_cast<double>(totals.values[i].clipped) /
                             static_cast<double>(std::max<uint64_t>(totals.values[i].elements, 1));
    if (const auto counted = compared.histograms.find(static_cast<uint32_t>(i)); counted != compared.histograms.end()) {
      const auto& [span, counts] = counted->second;
      entry["histogram"] = {{"min", span.min}, {"max", span.max}, {"counts", counts}};
    }
    list.push_back(std::move(entry));
  }
  return list;
}

// The labels of one sample; none when there are none.
std::vector<int64_t> labels_of(const Json& labels, uint32_t index) {
  const auto entry = labels.find(std::to_string(index));
  if (entry == labels.end()) return {};
  if (entry->is_number_integer()) return {entry->get<int64_t>()};
  return entry->is_array() ? entry->get<std::vector<int64_t>>() : std::vector<int64_t>();
}

bool are_labels(const Json& labels) {
  const auto is_class = [](const Json& entry) { return entry.is_number_integer(); };
  return labels.is_object() && std::ranges::all_of(labels, [&](const Json& entry) {
           return is_class(entry) || (entry.is_array() && std::ranges::all_of(entry, is_class));
         });
}

// What the labels say of an output; nothing when it does not make one decision a label.
std::optional<Labelled> count_right(const Compared& compared, std::size_t output, const Json& labels) {
  Labelled found{.output = output};
  for (const auto& [index, sample] : compared.samples) {
    const std::vector<int64_t> wanted = labels_of(labels, index);
    if (wanted.empty()) continue;
    const OutputError& said = sample.outputs[output];
    if (said.before.size() != wanted.size()) return std::nullopt;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      ++found.labels;
      found.before += said.before[i] == wanted[i] ? 1 : 0;
      found.after += said.after[i] == wanted[i] ? 1 : 0;
    }
  }
  return found;
}

Result<Labelled> judge_labels(const Compared& compared, const Json& labels) {
  if (!are_labels(labels))
    return fail(ErrorCode::usage, "Labels are numbers of classes, by index of sample.", "labels");
  for (std::size_t i = 0; i < compared.outputs.size(); ++i) {
    const auto found = count_right(compared, i, labels);
    if (!found) continue;
    if (found->labels == 0) return fail(ErrorCode::usage, "No sample has a label.", "labels");
    return *found;
  }
  return fail(ErrorCode::usage, "No output makes as many decisions as a sample has labels.", "labels");
}

std::string rounded(double value) {
  const auto tenths = static_cast<int64_t>(math::round_half_away(value * 10));
  const std::string digits = std::to_string(tenths < 0 ? -tenths : tenths);
  const std::string padded = digits.size() < 2 ? "0" + digits : digits;
  return (tenths < 0 ? "-" : "") + padded.substr(0, padded.size() - 1) + "." + padded.back();
}

std::string quality_text(double db) { return is_finite(db) ? rounded(db) + " dB" : "no dB at all"; }

void gate_sqnr(const Compared& compared, const Totals& totals, double least, Json& failed) {
  for (std::size_t i = 0; i < totals.outputs.size(); ++i) {
    const ValueError& error = totals.outputs[i].error;
    const double db = error.sqnr_db();
    if (db >= least || (error.signal == 0 && error.noise == 0 && error.unlike == 0)) continue;
    failed.push_back("Output '" + compared.outputs[i] + "' keeps " + quality_text(db) + ", less than " +
                     rounded(least) + " dB.");
  }
}

double percent(uint64_t part, uint64_t whole) {
  return kPercent * static_cast<double>(part) / static_cast<double>(std::max<uint64_t>(whole, 1));
}

void gate_accuracy(const Labelled& labelled, double most, Json& failed) {
  const double before = percent(labelled.before, labelled.labels);
  const double after = percent(labelled.after, labelled.labels);
  if (before - after <= most) return;
  failed.push_back("The accuracy falls from " + rounded(before) + " % to " + rounded(after) + " %, by more than " +
                   rounded(most) + " points.");
}

void gate_decisions(const Compared& compared, const Totals& totals, double most, Json& failed) {
  for (std::size_t i = 0; i < totals.outputs.size(); ++i) {
    const OutputError& output = totals.outputs[i];
    if (output.decisions == 0 && output.error.unlike == 0) continue;
    const double same = percent(output.same, output.decisions);
    if (kPercent - same <= most) continue;
    failed.push_back(rounded(same) + " % of what output '" + compared.outputs[i] +
                     "' decides stays the same, which is more than " + rounded(most) + " points less than all.");
  }
}

Result<std::optional<double>> number(const Json& options, const char* key) {
  const auto entry = options.find(key);
  if (entry == options.end() || entry->is_null()) return std::nullopt;
  if (!entry->is_number()) return fail(ErrorCode::usage, "This is a number.", key);
  return entry->get<double>();
}

Json worst(const Totals& totals) {
  const OutputError* least = nullptr;
  for (const OutputError& output : totals.outputs) {
    if (output.error.elements == 0 && output.error.unlike == 0) continue;
    if (least == nullptr || output.error.sqnr_db() < least->error.sqnr_db()) least = &output;
  }
  return least == nullptr ? Json(nullptr) : decibels(least->error);
}

}  // namespace

Result<std::string> judge(std::string_view states, std::string_view text) {
  const Json options = Json::parse(text, nullptr, false);
  if (!options.is_object()) return fail(ErrorCode::usage, "The options of the judgement are no JSON object.");
  NC_TRY(const auto least, number(options, "min_sqnr"));
  NC_TRY(const auto most, number(options, "max_drop"));
  NC_TRY(const Compared compared, merged(states));
  const Totals totals = fold(compared);
  std::optional<Labelled> labelled;
  if (const auto labels = options.find("labels"); labels != options.end() && !labels->is_null()) {
    NC_TRY(labelled, judge_labels(compared, *labels));
  }
  Json failed = Json::array();
  if (least) gate_sqnr(compared, totals, *least, failed);
  if (most && labelled) gate_accuracy(*labelled, *most, failed);
  if (most && !labelled) gate_decisions(compared, totals, *most, failed);
  Json json{
      {"samples", compared.samples.size()}, {"sqnr_db", worst(totals)}, {"outputs", output_list(compared, totals)}};
  if (labelled) {
    json["accuracy"] = {{"output", compared.outputs[labelled->output]},
                        {"labels", labelled->labels},
                        {"before", labelled->before},
                        {"after", labelled->after}};
  }
  json["values"] = value_list(compared, totals);
  json["failed"] = std::move(failed);
  return dump(json);
}

}  // namespace narrowcast
