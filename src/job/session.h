// A model made ready to run in float as often as one likes.
#pragma once

#include <memory>

#include "exec/runner.h"
#include "formats/format.h"
#include "job/run_task.h"
#include "job/runs.h"
#include "passes/border_codes.h"

namespace narrowcast {

class Calibration;

class Session final : public Runs {
 public:
  ~Session() override;

  // options: {"signature": key of a TFLite signature, "winograd": true, "fuse": true, "detach": false}; each may be
  // left out. With detach the files' bytes may go once this returns, unless needs_files() says otherwise.
  // "calibrate": as Calibration::create() takes it; then "detach" is on and "fuse" is not asked for.
  // Errors: those of read_model; usage; unsupported, naming the first op that does not run.
  static Result<std::unique_ptr<Session>> create(Files files, std::string_view options);

  // The same up to what options ask for: whoever opens a session says with watch() what is to be seen of its runs.
  static Result<std::unique_ptr<Session>> open(Files files, std::string_view signature);
  // Makes the model ready, its files no longer needed. `observer` sees the values of `keep` and others in every run.
  Status watch(std::vector<ValueId> keep, exec::Observer& observer, bool winograd);
  // What could be watched: calib::float_values() of the graph. Errors: those of infer_types().
  [[nodiscard]] Result<std::vector<ValueId>> float_values() const;
  [[nodiscard]] const Graph& graph() const { return model_.graph; }
  // Feeds runs with what the other one is fed with, input by input, by name; the elements are shared, or made codes of
  // when a run starts, where this model takes codes and the other one does not.
  // Errors: usage, naming the input that only one of the two has.
  Status feed_like(const Session& other);
  // Of the i-th output, where it holds codes.
  [[nodiscard]] const std::optional<BorderCodes>& output_codes(std::size_t i) const { return outputs_[i].codes; }
  // Whether images have their channels before height and width, as in ONNX.
  [[nodiscard]] bool is_channels_first() const { return model_.format->name == "onnx"; }

  // Names are the signature's where there is one. When it calibrates, also "watched", the number of values.
  [[nodiscard]] std::string interface_json() const override;
  [[nodiscard]] bool needs_files() const override { return needs_files_; }
  void expect_sample(uint32_t index) override;
  // When it calibrates: the text of a range file.
  [[nodiscard]] Result<std::string> observed() const override;
  [[nodiscard]] std::size_t step_count() const override { return runner_->step_count(); }
  Result<std::vector<std::span<uint8_t>>> feed(std::string_view request) override;
  Result<Run*> start(exec::Clock clock) override;
  // The run that was started.
  [[nodiscard]] RunTask& task() { return *task_; }

 private:
  explicit Session(Model model);

  struct Port {
    std::string name;
    ValueId value;
    std::optional<BorderCodes> codes;  // where it holds codes
  };
  // A tensor for an entry of a request, in its place among `tensors`. Errors: as feed().
  Result<std::span<uint8_t>> feed_one(const std::string& name, DType dtype, const Shape& shape,
                                      std::vector<ops::Tensor>& tensors);
  Status choose_signature(std::string_view key);
  [[nodiscard]] std::optional<BorderCodes> codes_of(ValueId value) const;
  // What is fed, as codes where the model takes codes of it.
  Result<std::vector<ops::Tensor>> encoded_inputs();
  Status compile(exec::CompileOptions options, std::string signature);
  // Copies what attributes of the program's nodes have in the files.
  void detach_attributes();

  Model model_;  // its functions inlined
  ScopeId scope_;
  std::vector<Port> inputs_;  // those that are fed
  std::vector<Port> outputs_;
  // Not the program's, whose figures are of what the model makes. It outlives the runner, which an unfinished run
  // leaves with inputs in its hands.
  exec::Pool fed_memory_;
  std::unique_ptr<exec::Program> program_;
  std::unique_ptr<exec::Runner> runner_;
  std::unique_ptr<Calibration> calibration_;
  bool needs_files_ = true;
  std::vector<ops::Tensor> fed_;  // by input of the graph
  bool feeds_alike_ = false;
  bool profiles_ = false;
  std::unique_ptr<RunTask> task_;
};

}  // namespace narrowcast
