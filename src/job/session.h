// A model made ready to run in float as often as one likes.
#pragma once

#include <memory>

#include "exec/runner.h"
#include "formats/format.h"
#include "job/task.h"

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

  // One run, to be driven to its end before the next begins.
  // request: {"inputs": [{"name", "dtype", "shape"}], "profile": false}; `bytes` are the elements of each, which must
  // stay until the run is over. `clock` gives milliseconds.
  // Errors: usage, naming the input that is missing, unknown, or of another type or shape than the model takes.
  Result<std::unique_ptr<Task>> start(std::string_view request, std::span<const ByteView> bytes, exec::Clock clock);

 private:
  explicit Session(Model model);

  struct Port {
    std::string name;
    ValueId value;
  };
  // An input of a request: which of the graph's inputs it is, and how its bytes are to be read.
  struct Fed {
    std::string name;
    std::size_t slot = 0;
    DType dtype = DType::unknown;
    Shape shape;
  };
  Status read_request(std::string_view text);
  Status choose_signature(std::string_view key);
  Status compile(exec::CompileOptions options, std::string signature);
  // Copies what attributes of the program's nodes have in the files.
  void detach_attributes();

  Model model_;  // its functions inlined
  ScopeId scope_;
  std::vector<Port> inputs_;  // those that are fed
  std::vector<Port> outputs_;
  std::unique_ptr<exec::Program> program_;
  std::unique_ptr<exec::Runner> runner_;
  std::unique_ptr<Calibration> calibration_;
  bool needs_files_ = true;
  // The last request, read: callers mostly run the same shapes again.
  struct Request {
    std::string text;
    bool profiles = false;
    std::vector<Fed> fed;
  };
  Request request_;
};

}  // namespace narrowcast
