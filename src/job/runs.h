// What shells feed with samples and run: one model, or two side by side.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exec/runner.h"
#include "job/task.h"

namespace narrowcast {

// A run: a task that begins anew as often as its owner says.
class Run : public Task {
 public:
  // When it is done: an output's elements, and whether what outputs() says is not what it said after the last run.
  [[nodiscard]] virtual const uint8_t* data(std::size_t output) const = 0;
  [[nodiscard]] virtual bool outputs_differ() const = 0;
};

class Runs {
 public:
  virtual ~Runs() = default;

  // {"inputs": [{"name", "dtype", "shape"}], "outputs": [...], ...}
  [[nodiscard]] virtual std::string interface_json() const = 0;
  // Whether runs read the bytes of the files.
  [[nodiscard]] virtual bool needs_files() const = 0;
  // The next run is the sample of this index, among all samples of all workers. A run of which this was not said is not
  // observed. Without observers it says nothing.
  virtual void expect_sample(uint32_t index) = 0;
  // The text of what was observed so far. Errors: usage, when a run was not finished or nothing observes.
  [[nodiscard]] virtual Result<std::string> observed() const = 0;

  // Of a run.
  [[nodiscard]] virtual std::size_t step_count() const = 0;

  // Says what the next runs are fed with, and gives a buffer for the elements of each input, in the request's order;
  // what was fed before is gone. The buffers stay until the next call; every run reads them.
  // request: {"inputs": [{"name", "dtype", "shape"}], "profile": false}.
  // Errors: usage, naming the input that is missing, unknown or of no type that can be fed; out_of_memory.
  virtual Result<std::vector<std::span<uint8_t>>> feed(std::string_view request) = 0;

  // Begins a run on what lies in the buffers and ends the one before it. `clock` gives milliseconds.
  // Errors: usage, naming the input that the model takes in another type or shape.
  virtual Result<Run*> start(exec::Clock clock) = 0;
};

}  // namespace narrowcast
