#include "job/job.h"

#include <algorithm>

#include "ir/verify.h"
#include "job/known_ranges.h"
#include "job/prepare_graph.h"
#include "report/json.h"
#include "rewrite/external_data.h"
#include "rewrite/half.h"
#include "rewrite/qdq.h"
#include "rewrite/qoperator.h"
#include "rewrite/rewrite.h"
#include "rewrite/scope_pairs.h"
#include "rewrite/tflite_integer.h"
#include "rewrite/tflite_version.h"
#include "rewrite/tflite_weights.h"

namespace narrowcast {
namespace {

uint64_t total_bytes(const Files& files) {
  uint64_t total = 0;
  for (const InputFile& file : files) total += file.bytes.size();
  return total;
}

std::vector<bool> readers_of_constants(const Graph& graph) {
  const auto uses = collect_uses(graph);
  std::vector<bool> had(graph.values.size(), false);
  for (std::size_t i = 0; i < had.size(); ++i) had[i] = graph.values[i].constant && !uses[i].empty();
  return had;
}

uint64_t parameter_bytes(const NarrowedWeight& narrowed) {
  const uint64_t scales = narrowed.block_scales.empty() ? narrowed.scales.size() : narrowed.block_scales.size();
  return scales * sizeof(float) + narrowed.zero_points.size() + narrowed.block_zero_points.size();
}

}  // namespace

Result<std::unique_ptr<Job>> Job::create(Files files, std::string_view recipe_text, std::string_view data_name,
                                         std::string_view range_file) {
  NC_TRY(Recipe recipe, parse_recipe(recipe_text));
  NC_TRY(Model model, read_model(std::move(files)));
  recipe.mode = chosen_mode(recipe);
  std::unique_ptr<Job> job(new Job(std::move(model), data_name));
  KnownRanges ranges;
  if (is_integer(recipe.mode) && !range_file.empty()) {
    NC_TRY(ranges, known_ranges(job->model_, recipe, range_file));
  }
  job->had_readers_ = readers_of_constants(job->model_.graph);
  job->opset_ = prepare_graph(job->log_, job->model_, recipe);
  NC_TRY(job->plan_, make_plan(job->model_, recipe, ranges));
  job->narrowed_files_.resize(job->model_.files.size(), false);
  if (job->plan_.weights.empty() && !recipe.keep_going) {
    const bool spares_small =
        job->model_.format->name == "tflite" && recipe.mode == Mode::dynamic_range && recipe.min_elements > 0;
    return fail(ErrorCode::would_not_help,
                job->plan_.already_quantized
                    ? "The model is already quantized: there is no float weight left to narrow."
                : spares_small ? "No weight can be narrowed: those of fewer than " +
                                     std::to_string(recipe.min_elements) + " elements stay float32 (min_elements)."
                               : "No weight can be narrowed; a dry run that keeps going lists the reasons.");
  }
  return job;
}

void Job::refuse(ValueId source, const std::string& reason) {
  const auto verdict = std::ranges::find(plan_.constants, source, &WeightVerdict::source);
  if (verdict == plan_.constants.end()) return;
  verdict->verdict = Verdict::refused;
  verdict->reason = reason;
  for (NodeVerdict& node : plan_.nodes) {
    if (node.weight != source) continue;
    node.verdict = Verdict::refused;
    node.reason += ": " + reason;
  }
}

// Whether ops of a TFLite model cannot run without the codes: they take all operands as codes, or none.
bool Job::is_needed(const WeightPlan& plan) const {
  if (plan.form != WeightForm::codes) return false;
  return is_integer(plan_.recipe.mode) || std::ranges::any_of(plan.readers, [&](const Use& use) {
           return tflite_rule_of(model_.graph, model_.graph[use.node]).hybrid_together;
         });
}

Status Job::narrow_next() {
  const WeightPlan& plan = plan_.weights[next_++];
  const Result<NarrowedWeight> narrowed = narrow_weight(model_, plan);
  if (!narrowed) {
    if (narrowed.error().code != ErrorCode::unsupported || is_needed(plan)) return std::unexpected(narrowed.error());
    refuse(plan.source, narrowed.error().message);
    return {};
  }
  const Value& source = model_.graph[plan.source];
  const uint64_t before = payload_length(source.constant->payload);
  if (const uint32_t file = data_file_of(source); file > 0) narrowed_files_[file] = true;
  weights_.push_back({plan.source, narrowed->sqnr_db, before, narrowed->codes->length() + parameter_bytes(*narrowed),
                      narrowed->clamped, narrowed->too_large});
  // The integer modes write pairs first, and operators out of these.
  const Style style = is_integer(plan_.recipe.mode) ? Style::qdq : plan_.recipe.style;
  NC_CHECK(rewrite_weight(log_, model_, plan, *narrowed, style));
  const auto rewrite = model_.format->name == "tflite" ? rewrite_tflite_bias : rewrite_bias;
  for (const BiasPlan& bias : plan.biases) NC_CHECK(rewrite(log_, model_, bias, plan, *narrowed));
  return {};
}

void Job::write_activations() {
  if (model_.format->name == "tflite") {
    rewrite_tflite_activations(log_, plan_);
    return;
  }
  for (const ActivationPlan& activation : plan_.activations) rewrite_activation(log_, activation);
  if (is_integer(plan_.recipe.mode)) dequantize_in_each_scope(log_);
}

Status Job::finish() {
  write_activations();
  if (is_integer(plan_.recipe.mode) && plan_.recipe.style == Style::qoperator) {
    write_operators(log_, plan_.activations);
  }
  for (const HalfValue& half : plan_.halves) rewrite_half_value(log_, half);
  for (const NodeId cast : plan_.half_casts) rewrite_half_cast(log_, cast);
  if (model_.format->name == "tflite") drop_unread_widenings(log_);
  drop_unread_constants(log_, had_readers_);
  const std::vector<uint32_t> kept_files = move_external_constants(log_, narrowed_files_);
  finish_rewrite(log_, model_);
  NC_CHECK(verify(model_.graph));
  NC_TRY(outputs_, model_.format->write(model_, log_, data_name_));
  const uint64_t before = total_bytes(model_.files);
  uint64_t after = 0;
  for (const OutputFile& output : outputs_) after += output.rope.size();
  std::vector<std::string> kept;
  for (const uint32_t file : kept_files) {
    after += model_.files[file].bytes.size();
    kept.push_back(model_.files[file].name);
  }
  report_ = report_json({model_, plan_, weights_, log_, opset_, kept, before, after});
  if (after >= before && !plan_.recipe.keep_going) {
    return fail(ErrorCode::would_not_help, "The narrowed model would not be smaller: " + std::to_string(after) +
                                               " bytes instead of " + std::to_string(before) + ".");
  }
  return {};
}

Result<bool> Job::step() {
  if (next_ < plan_.weights.size()) NC_CHECK(narrow_next());
  if (next_ < plan_.weights.size()) return false;
  if (outputs_.empty()) NC_CHECK(finish());
  return true;
}

std::string Job::progress() const {
  const bool done = next_ >= plan_.weights.size();
  return dump({{"phase", done ? "done" : "weights"},
               {"done", next_},
               {"total", plan_.weights.size()},
               {"item", done ? "" : model_.graph[plan_.weights[next_].source].name}});
}

std::string Job::outputs() const {
  Json list = Json::array();
  for (const OutputFile& output : outputs_) list.push_back({{"name", output.name}, {"size", output.rope.size()}});
  return dump(list);
}

void Job::read(std::size_t output, uint64_t offset, std::span<uint8_t> out) const {
  outputs_[output].rope.read(model_.files, offset, out);
}

}  // namespace narrowcast
