#include "report/report.h"

#include <algorithm>

#include "report/json.h"

namespace narrowcast {
namespace {

// JSON has no infinity: a weight that survives exactly has no noise, and its SQNR is null.
Json decibels(double db) { return std::isfinite(db) ? Json(std::round(db * 100) / 100) : Json(nullptr); }

Json node_entry(const Graph& graph, const NodeVerdict& verdict) {
  return {{"name", graph.label(verdict.node)},
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

}  // namespace

std::string report_json(const ReportInput& input) {
  Json json{{"schema_version", 1},
            {"format", input.model.format->name},
            {"mode", mode_name(input.plan.recipe.mode)},
            {"target", "portable"},
            {"input_bytes", input.input_bytes},
            {"output_bytes", input.output_bytes},
            {"already_quantized", input.plan.already_quantized},
            {"edits", input.log.edits().size()},
            {"external_files_kept", input.external_files_kept}};
  Json& nodes = json["nodes"] = Json::array();
  for (const NodeVerdict& verdict : input.plan.nodes) nodes.push_back(node_entry(input.model.graph, verdict));
  Json& values = json["values"] = Json::array();
  for (const WeightVerdict& verdict : input.plan.constants) values.push_back(weight_entry(input, verdict));
  json["warnings"] = input.plan.warnings;
  return dump(json);
}

std::string error_json(const Error& error) {
  return dump({{"code", error_name(error.code)},
               {"number", static_cast<int>(error.code)},
               {"message", error.message},
               {"where", error.where}});
}

}  // namespace narrowcast
