// The engine's only public entry: create, step until done, take. Nothing here does I/O; shells hand bytes in and
// pull chunks out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "formats/format.h"
#include "job/task.h"
#include "plan/plan.h"
#include "report/report.h"

namespace narrowcast {

// Formats in the order they are asked whether a file is theirs.
std::span<const Format> formats();

// The model that `files[0]` holds. Errors: malformed, unsupported, missing_file; usage when no format knows the file.
Result<Model> read_model(Files files);

// The external data files that a model refers to, in order of first use.
Result<std::vector<std::string>> external_files(ByteView model);

// The activations whose ranges a recipe needs, by name; none but for the integer modes. Errors: those of read_model;
// usage.
Result<std::vector<std::string>> watched_names(const Files& files, std::string_view recipe);

// What a model is, and how much of it each target would compute in integers, as JSON. Errors: those of read_model.
Result<std::string> inspect(const Files& files);

// Ops, modes, dtypes, errors and recipe settings that this build knows, as JSON.
std::string describe_json();

std::string names_json(const std::vector<std::string>& names);

class Job final : public Task {
 public:
  // Reads the model and plans; no weight is looked at yet. `files` must stay until the job is gone.
  // `data_name` names a new external data file, should the model keep its weights in one. `range_file` is what
  // calibration wrote, for the integer modes.
  // Errors: those of read_model; usage; calibration; would_not_help when there is nothing to narrow.
  static Result<std::unique_ptr<Job>> create(Files files, std::string_view recipe, std::string_view data_name,
                                             std::string_view range_file = {});

  // Narrows the next weight. True when there is none left and the outputs stand.
  // Errors: would_not_help when the result is not smaller; internal.
  Result<bool> step() override;
  // Phases: "weights", "done"; the item is the weight that comes next.
  [[nodiscard]] std::string progress() const override;

  // After step() said true: the model first, then new external data files.
  [[nodiscard]] std::span<const OutputFile> files() const { return outputs_; }
  // [{"name", "size"}]
  [[nodiscard]] std::string outputs() const override;
  // Makes bytes [offset, offset + out.size()) of an output.
  void read(std::size_t output, uint64_t offset, std::span<uint8_t> out) const override;
  [[nodiscard]] std::string report() const override { return report_; }

 private:
  Job(Model model, std::string_view data_name) : model_(std::move(model)), log_(model_.graph), data_name_(data_name) {}

  Status narrow_next();
  Status finish();
  void write_activations();
  [[nodiscard]] bool is_needed(const WeightPlan& plan) const;
  void refuse(ValueId source, const std::string& reason);

  Model model_;
  EditLog log_;
  std::string data_name_;
  OpsetLift opset_;
  Plan plan_;
  std::vector<WeightReport> weights_;
  std::vector<bool> had_readers_;     // by value: constants that something read at the start
  std::vector<bool> narrowed_files_;  // by input file: data files that lost weights
  std::size_t next_ = 0;
  std::vector<OutputFile> outputs_;
  std::string report_;
};

}  // namespace narrowcast
