// The border to JavaScript: the only file that includes Embind. Bytes are copied into buffers that the engine owns and
// out of one chunk buffer; everything else crosses as JSON: {"ok": ...} or {"error": {code, number, message, where}}.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "job/job.h"
#include "job/merged_ranges.h"
#include "job/session.h"

namespace {

using narrowcast::Error;
using narrowcast::Job;
using narrowcast::Session;

constexpr std::size_t kChunkBytes = 1 << 20;

std::string ok(const std::string& json) { return "{\"ok\":" + json + "}"; }
std::string bad(const Error& error) { return "{\"error\":" + narrowcast::error_json(error) + "}"; }

// One model and the job on it. A shell makes one per request and deletes it, whatever happened.
class Engine {
 public:
  // A buffer for `size` bytes, owned by the engine; 0 when there is not that much memory. Before load() it is a file:
  // the first one is the model; the others are external data, under the names that the model uses. After load() it is
  // an input of the next run; when there is no memory for one, the others are forgotten too.
  uintptr_t allocate(const std::string& name, std::size_t size) {
    Buffer buffer(static_cast<uint8_t*>(std::malloc(std::max<std::size_t>(size, 1))), std::free);
    if (buffer == nullptr) {
      inputs_.clear();
      input_buffers_.clear();
      return 0;
    }
    const narrowcast::ByteView bytes(buffer.get(), size);
    if (session_ == nullptr) {
      files_.push_back({name, bytes});
      buffers_.push_back(std::move(buffer));
    } else {
      inputs_.push_back(bytes);
      input_buffers_.push_back(std::move(buffer));
    }
    return reinterpret_cast<uintptr_t>(bytes.data());
  }

  [[nodiscard]] std::string external_files() const {
    const auto names = narrowcast::external_files(files_.front().bytes);
    return names ? ok(narrowcast::names_json(*names)) : bad(names.error());
  }

  [[nodiscard]] std::string inspect() const {
    const auto model = narrowcast::read_model(files_);
    return model ? ok(narrowcast::inspect_json(*model)) : bad(model.error());
  }

  std::string start(const std::string& recipe, const std::string& data_name) {
    auto job = Job::create(files_, recipe, data_name);
    if (!job) return bad(job.error());
    task_ = std::move(*job);
    return ok(task_->progress());
  }

  // Makes the model ready to run in float.
  std::string load(const std::string& options) {
    auto session = Session::create(files_, options);
    if (!session) return bad(session.error());
    session_ = std::move(*session);
    if (!session_->needs_files()) {
      files_.clear();
      buffers_.clear();
    }
    return ok(session_->interface_json());
  }

  // Begins a run on the inputs that were allocated since the last one; with a budget it goes on as step_for() does.
  std::string run(const std::string& request, double budget) {
    task_ = nullptr;
    running_buffers_ = std::move(input_buffers_);
    input_buffers_.clear();
    auto task = session_->start(request, inputs_, emscripten_get_now);
    inputs_.clear();
    if (!task) return bad(task.error());
    task_ = std::move(*task);
    return budget > 0 ? step_for(budget) : ok(task_->progress());
  }

  // As step(), again and again until `budget` milliseconds are over: many nodes take less time than a call does.
  std::string step_for(double budget) {
    const double end = emscripten_get_now() + budget;
    for (;;) {
      const auto done = task_->step();
      if (!done) return bad(done.error());
      if (*done || emscripten_get_now() >= end) return ok(task_->progress());
    }
  }

  // One step of what was begun; phase "done" when the outputs stand.
  std::string step() {
    const auto done = task_->step();
    return done ? ok(task_->progress()) : bad(done.error());
  }

  // The next run is the sample of this index. Only after load() with "calibrate".
  void sample(uint32_t index) { session_->expect_sample(index); }

  // The text of a range file of the samples so far.
  [[nodiscard]] std::string ranges() const {
    const auto state = session_->ranges();
    return state ? *state : bad(state.error());
  }

  [[nodiscard]] std::string outputs() const { return ok(task_->outputs()); }

  // Makes up to one chunk of an output and says where it lies. It is overwritten by the next call.
  uintptr_t read(std::size_t output, double offset, std::size_t size) {
    if (chunk_.empty()) chunk_.resize(kChunkBytes);
    task_->read(output, static_cast<uint64_t>(offset), std::span(chunk_).first(std::min(size, kChunkBytes)));
    return reinterpret_cast<uintptr_t>(chunk_.data());
  }

  [[nodiscard]] std::string report() const { return task_->report(); }

 private:
  using Buffer = std::unique_ptr<uint8_t, decltype(&std::free)>;

  std::vector<Buffer> buffers_;
  narrowcast::Files files_;
  std::unique_ptr<Session> session_;
  std::vector<Buffer> input_buffers_;  // of the next run
  std::vector<narrowcast::ByteView> inputs_;
  std::vector<Buffer> running_buffers_;  // of the run that goes on
  std::unique_ptr<narrowcast::Task> task_;
  std::vector<uint8_t> chunk_;
};

// Range files made one.
class Ranges {
 public:
  std::string add(const std::string& text) {
    const auto added = merged_.add(text);
    return added ? ok("null") : bad(added.error());
  }
  [[nodiscard]] std::string state() const { return merged_.state(); }
  [[nodiscard]] std::string values(const std::string& options) const {
    const auto values = merged_.values(options);
    return values ? ok(*values) : bad(values.error());
  }

 private:
  narrowcast::MergedRanges merged_;
};

}  // namespace

EMSCRIPTEN_BINDINGS(narrowcast) {
  emscripten::constant("chunkBytes", kChunkBytes);
  emscripten::function("describe", &narrowcast::describe_json);
  emscripten::class_<Engine>("Engine")
      .constructor<>()
      .function("allocate", &Engine::allocate)
      .function("externalFiles", &Engine::external_files)
      .function("inspect", &Engine::inspect)
      .function("start", &Engine::start)
      .function("load", &Engine::load)
      .function("run", &Engine::run)
      .function("step", &Engine::step)
      .function("stepFor", &Engine::step_for)
      .function("sample", &Engine::sample)
      .function("ranges", &Engine::ranges)
      .function("outputs", &Engine::outputs)
      .function("read", &Engine::read)
      .function("report", &Engine::report);
  emscripten::class_<Ranges>("Ranges")
      .constructor<>()
      .function("add", &Ranges::add)
      .function("state", &Ranges::state)
      .function("values", &Ranges::values);
}
