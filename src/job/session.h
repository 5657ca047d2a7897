// A model made ready to run in float as often as one likes.
#pragma once

#include <memory>

#include "exec/runner.h"
#include "formats/format.h"
#include "job/run_task.h"

namespace narrowcast {

class Calibration;

class Session {
 public:
  ~Session();

  // options: {"signature": key of a TFLite signature, "winograd": true, "fuse": true, "detach": false}; each may be
  // left out. With detach the files' bytes may go once this returns, unless needs_files() says otherwise.
  // "calibrate": as Calibration::create() takes it; then "detach" is on and "fuse" is not asked for.
  // Errors: those of read_model; usage; unsupported, naming the first op that does not run.
  static Result<std::unique_ptr<Session>> create(Files files, std::string_view options);

  // {"inputs": [{"name", "dtype", "shape"}], "outputs": [...]}: names are the signature's where there is one.
  // When it calibrates, also "watched", the number of values.
  [[nodiscard]] std::string interface_json() const;
  // Whether runs read the bytes of the files.
  [[nodiscard]] bool needs_files() const { return needs_files_; }
  // When it calibrates: the next run is the sample of this index, among all samples of all workers. A run of which this
  // was not said is not observed.
  void expect_sample(uint32_t index);
  // When it calibrates: the text of a range file of the samples so far. Errors: usage, when a run was not finished.
  [[nodiscard]] Result<std::string> ranges() const;

  // Of a run.
  [[nodiscard]] std::size_t step_count() const { return runner_->step_count(); }

  // Says what the next runs are fed with, and gives a buffer for the elements of each input, in the request's order;
  // what was fed before is gone. The buffers stay until the next call; every run reads them.
  // request: {"inputs": [{"name", "dtype", "shape"}], "profile": false}.
  // Errors: usage, naming the input that is missing, unknown or of no type that can be fed; out_of_memory.
  Result<std::vector<std::span<uint8_t>>> feed(std::string_view request);

  // Begins a run on what lies in the buffers and ends the one before it. `clock` gives milliseconds.
  // Errors: usage, naming the input that the model takes in another type or shape.
  Result<RunTask*> start(exec::Clock clock);

 private:
  explicit Session(Model model);

  struct Port {
    std::string name;
    ValueId value;
  };
  // A tensor for an entry of a request, in its place among `tensors`. Errors: as feed().
  Result<std::span<uint8_t>> feed_one(const std::string& name, DType dtype, const Shape& shape,
                                      std::vector<ops::Tensor>& tensors);
  Status choose_signature(std::string_view key);
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
  bool profiles_ = false;
  std::unique_ptr<RunTask> task_;
};

}  // namespace narrowcast
