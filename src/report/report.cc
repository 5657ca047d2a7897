#include "report/report.h"

#include <algorithm>
#include <optional>
#include <ranges>
#include <string_view>
#include <unordered_map>

#include "base/math/round.h"
#include "report/json.h"

namespace narrowcast {
namespace {

// JSON has no infinity: a weight that survives exactly has no noise, and its SQNR is null.
Json decibels(double db) {
  const bool is_finite = db - db == 0;
  return is_finite ? Json(math::round_half_away(db * 100) / 100) : Json(nullptr);
}

Json node_entry(const Graph& graph, const NodeVerdict& verdict) {
  return {{"name", verdict.name},
          {"op", graph[verdict.node].op.type},
          {"verdict", verdict_name(verdict.verdict)},
          {"reason", verdict.reason}};
}

Json weight_entry(const ReportInput& input, const WeightVerdict& verdict) {
  const Graph& graph = input.model.graph;
  const Value& value = graph[verdict.source];
  Json entry{{"name", value.name}, {"verdict", verdict_name(verdict.verdict)}, {"reason", verdict.reason}};
  const auto plan = std::ranges::find(input.plan.weights, verdict.source, &WeightPlan::source);
  const auto report = std::ranges::find(input.weights, verdict.source, &WeightReport::source);
  if (plan == input.plan.weights.end() || report == input.weights.end()) {
    entry["dtype"] = dtype_name(value.type.dtype);
    entry["shape"] = shape_json(value.type.shape);
    return entry;
  }
  entry["dtype"] = dtype_name(plan->dtype);
  entry["granularity"] = cut_name(plan->cut);
  if (plan->cut == Cut::per_channel) entry["axis"] = plan->axis;
  if (plan->cut == Cut::per_block) entry["block_size"] = plan->blocks.block_size;
  entry["sqnr_db"] = decibels(report->sqnr_db);
  entry["bytes_before"] = report->bytes_before;
  entry["bytes_after"] = report->bytes_after;
  if (report->clamped > 0) entry["clamped"] = report->clamped;
  return entry;
}

// What nodes were called before anything was rewritten.
std::unordered_map<uint32_t, std::string_view> names_of(const Plan& plan) {
  std::unordered_map<uint32_t, std::string_view> names;
  for (const NodeVerdict& verdict : plan.nodes) names.emplace(verdict.node.index, verdict.name);
  return names;
}

Json activation_entry(const Graph& graph, const ActivationPlan& plan,
                      const std::unordered_map<uint32_t, std::string_view>& names) {
  Json entry{{"name", graph[plan.value].name},
             {"like", graph[plan.like].name},
             {"dtype", dtype_name(plan.dtype)},
             {"scale", plan.scale},
             {"zero_point", plan.zero_point},
             {"seen", {plan.calibrated.min, plan.calibrated.max}},
             {"range", {plan.chosen.min, plan.chosen.max}}};
  if (!plan.channel_scales.empty()) {
    const auto [smallest, largest] = std::ranges::minmax(plan.channel_scales);
    entry["channel_scales"] = {{"axis", plan.channel_axis}, {"smallest", smallest}, {"largest", largest}};
  }
  if (const auto maker = names.find(plan.maker.index); plan.maker && maker != names.end()) {
    entry["node"] = maker->second;
  }
  return entry;
}

// The least faithful weights, when there are any below what codes of their width usually keep.
std::optional<std::string> least_faithful(const ReportInput& input) {
  constexpr std::size_t kMostNamed = 3;
  const DType dtype = input.plan.recipe.mode == Mode::float16 ? DType::f16 : input.plan.recipe.weights;
  const double usual = dtype == DType::f16 ? 60 : dtype_bits(dtype) == 8 ? 35 : 17;
  std::vector<WeightReport> weights = input.weights;
  std::ranges::stable_sort(weights, {}, &WeightReport::sqnr_db);
  std::string text;
  for (const WeightReport& weight : weights | std::views::take(kMostNamed)) {
    if (!(weight.sqnr_db < usual)) break;
    const int decibels = static_cast<int>(math::round_half_away(std::max(weight.sqnr_db, 0.0)));
    text += (text.empty() ? "" : ", ") + ("'" + input.model.graph[weight.source].name + "' ") +
            std::to_string(decibels) + " dB";
  }
  if (text.empty()) return std::nullopt;
  return "A few large values set the scales of these weights, and the others lose by it: " + text +
         ". Where accuracy suffers, exclude them or choose finer scales.";
}

std::optional<std::string> out_of_range(const ReportInput& input) {
  constexpr std::size_t kMostNamed = 3;
  std::string text;
  uint64_t count = 0;
  std::size_t named = 0;
  for (const WeightReport& weight : input.weights) {
    count += weight.too_large;
    if (weight.too_large == 0 || ++named > kMostNamed) continue;
    text += (text.empty() ? "'" : ", '") + input.model.graph[weight.source].name + "'";
  }
  if (count == 0) return std::nullopt;
  return std::to_string(count) + " values beyond 65504, float16's largest, became that: in " + text +
         (named > kMostNamed ? " and others." : ".");
}

}  // namespace

std::string report_json(const ReportInput& input) {
  Json json{{"schema_version", 1},
            {"format", input.model.format->name},
            {"mode", mode_name(input.plan.recipe.mode)},
            {"target", input.plan.recipe.target},
            {"input_bytes", input.input_bytes},
            {"output_bytes", input.output_bytes},
            {"already_quantized", input.plan.already_quantized},
            {"edits", input.log.edits().size()},
            {"external_files_kept", input.external_files_kept}};
  if (input.opset.from > 0) {
    json["opset"] = {{"from", input.opset.from}, {"to", input.opset.to}};
    if (!input.opset.why_not.empty()) json["opset"]["why_not"] = input.opset.why_not;
  }
  Json& nodes = json["nodes"] = Json::array();
  for (const NodeVerdict& verdict : input.plan.nodes) nodes.push_back(node_entry(input.model.graph, verdict));
  Json& values = json["values"] = Json::array();
  for (const WeightVerdict& verdict : input.plan.constants) values.push_back(weight_entry(input, verdict));
  if (!input.plan.activations.empty()) {
    Json& activations = json["activations"] = Json::array();
    const auto names = names_of(input.plan);
    for (const ActivationPlan& activation : input.plan.activations) {
      activations.push_back(activation_entry(input.model.graph, activation, names));
    }
  }
  json["warnings"] = input.plan.warnings;
  if (auto warning = out_of_range(input)) json["warnings"].push_back(std::move(*warning));
  if (auto warning = least_faithful(input)) json["warnings"].push_back(std::move(*warning));
  return dump(json);
}

std::string error_json(const Error& error) {
  return dump({{"code", error_name(error.code)},
               {"number", static_cast<int>(error.code)},
               {"message", error.message},
               {"where", error.where}});
}

}  // namespace narrowcast
