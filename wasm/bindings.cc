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

#include "job/comparison.h"
#include "job/job.h"
#include "job/judgement.h"
#include "job/merged_ranges.h"
#include "job/read_data.h"
#include "job/session.h"

namespace {

using narrowcast::Error;
using narrowcast::Job;
using narrowcast::Session;

constexpr std::size_t kChunkBytes = 1 << 20;
constexpr double kShort = 0.1;  // of a budget

std::string ok(const std::string& json) { return "{\"ok\":" + json + "}"; }
std::string bad(const Error& error) { return "{\"error\":" + narrowcast::error_json(error) + "}"; }

// One model and the job on it. A shell makes one per request and deletes it, whatever happened.
class Engine {
 public:
  // A buffer for `size` bytes of a file, owned by the engine; 0 when there is not that much memory. The first file is
  // the model; the others are external data, under the names that the model uses.
  uintptr_t allocate(const std::string& name, std::size_t size) {
    Buffer buffer(static_cast<uint8_t*>(std::malloc(std::max<std::size_t>(size, 1))), std::free);
    if (buffer == nullptr) return 0;
    files_.push_back({name, narrowcast::ByteView(buffer.get(), size)});
    buffers_.push_back(std::move(buffer));
    return address_of(buffers_.back().get());
  }

  // Those that the model in this place among the files asks for.
  [[nodiscard]] std::string external_files(std::size_t model) const {
    const auto names = narrowcast::external_files(files_[model].bytes);
    return names ? ok(narrowcast::names_json(*names)) : bad(names.error());
  }

  [[nodiscard]] std::string inspect() const {
    auto inspection = narrowcast::inspect(files_);
    return inspection ? ok(*inspection) : bad(inspection.error());
  }

  // What calibration is to watch for this recipe.
  [[nodiscard]] std::string watched(const std::string& recipe) const {
    const auto names = narrowcast::watched_names(files_, recipe);
    return names ? ok(narrowcast::names_json(*names)) : bad(names.error());
  }

  // `ranges`: the text of a range file, for the integer modes.
  std::string start(const std::string& recipe, const std::string& data_name, const std::string& ranges) {
    auto job = Job::create(files_, recipe, data_name, ranges);
    if (!job) return bad(job.error());
    task_ = std::move(*job);
    return ok(task_->progress());
  }

  // Reads the first file as calibration data; the task is done at once.
  std::string read_data(const std::string& request) {
    auto task = narrowcast::read_data(files_, request);
    if (!task) return bad(task.error());
    task_ = std::move(*task);
    return ok(task_->outputs());
  }

  // Makes the model ready to run in float.
  std::string load(const std::string& options) { return take(Session::create(files_, options)); }

  // Makes two models ready to run on the same samples: the float one, and what was narrowed of it, whose files begin at
  // `second`. What was observed of them is for judge().
  std::string compare(std::size_t second, const std::string& options) {
    const auto begin = files_.begin() + static_cast<std::ptrdiff_t>(second);
    return take(narrowcast::Comparison::create({files_.begin(), begin}, {begin, files_.end()}, options));
  }

  // Says what the next runs are fed with: {"inputs": addresses to write each one's elements to, "total": steps}. They
  // stay until the next call.
  std::string feed(const std::string& request) {
    run_ = nullptr;
    is_short_ = false;
    const auto buffers = session_->feed(request);
    if (!buffers) return bad(buffers.error());
    std::string addresses;
    for (const auto& buffer : *buffers) {
      addresses += (addresses.empty() ? "" : ",") + std::to_string(address_of(buffer.data()));
    }
    return ok("{\"inputs\":[" + addresses + "],\"total\":" + std::to_string(session_->step_count()) + "}");
  }

  // What a run came to. Numbers, because a small model takes less time than a text's way across the border.
  enum Outcome : int { goes_on, done, done_with_other_outputs, failed };

  // Begins a run, or goes on with it: at least one step, then more until `budget` milliseconds are over. After the last
  // two outcomes outputs() has the news.
  int run(bool begins, double budget) {
    if (begins) {
      const auto begun = session_->start(emscripten_get_now);
      if (!begun) return fail(begun.error());
      failure_.clear();
      run_ = *begun;
    }
    const double begin = emscripten_get_now();
    for (;;) {
      const auto is_last = run_->step();
      if (!is_last) return fail(is_last.error());
      if (*is_last) {
        is_short_ = begins && emscripten_get_now() - begin < budget * kShort;
        return run_->outputs_differ() ? done_with_other_outputs : done;
      }
      if (budget <= 0 || (!is_short_ && emscripten_get_now() - begin >= budget)) return goes_on;
    }
  }

  // One step of what was begun; phase "done" when the outputs stand.
  std::string step() {
    const auto done = task_->step();
    return done ? ok(task_->progress()) : bad(done.error());
  }

  // The next run is the sample of this index. Only after load() with "calibrate", or compare().
  void sample(uint32_t index) { session_->expect_sample(index); }

  // What was seen of the samples so far: the text of a range file, or of a comparison.
  [[nodiscard]] std::string observed() const {
    const auto state = session_->observed();
    return state ? *state : bad(state.error());
  }

  [[nodiscard]] std::string outputs() const { return failure_.empty() ? ok(current().outputs()) : failure_; }

  // Says where `size` bytes of an output lie: the whole of it after a run; else up to one chunk, which is made now and
  // overwritten by the next call.
  uintptr_t read(std::size_t output, double offset, std::size_t size) {
    if (run_ != nullptr) return address_of(run_->data(output) + static_cast<std::size_t>(offset));
    if (chunk_.empty()) chunk_.resize(kChunkBytes);
    task_->read(output, static_cast<uint64_t>(offset), std::span(chunk_).first(std::min(size, kChunkBytes)));
    return address_of(chunk_.data());
  }

  [[nodiscard]] std::string report() const { return current().report(); }

 private:
  using Buffer = std::unique_ptr<uint8_t, decltype(&std::free)>;

  static uintptr_t address_of(const uint8_t* data) { return reinterpret_cast<uintptr_t>(data); }
  [[nodiscard]] const narrowcast::Task& current() const { return run_ != nullptr ? *run_ : *task_; }
  template <typename T>
  std::string take(narrowcast::Result<std::unique_ptr<T>> runs) {
    if (!runs) return bad(runs.error());
    session_ = std::move(*runs);
    if (!session_->needs_files()) {
      files_.clear();
      buffers_.clear();
    }
    return ok(session_->interface_json());
  }
  int fail(const Error& error) {
    failure_ = bad(error);
    return failed;
  }

  std::vector<Buffer> buffers_;
  narrowcast::Files files_;
  std::unique_ptr<narrowcast::Runs> session_;
  narrowcast::Run* run_ = nullptr;  // the session's, once it runs
  std::unique_ptr<narrowcast::Task> task_;
  std::vector<uint8_t> chunk_;
  std::string failure_;    // of the last run
  bool is_short_ = false;  // the last run was, on what the next one will be fed with: it need not look at the clock
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
  [[nodiscard]] std::string summary() const {
    const auto summary = merged_.summary();
    return summary ? ok(*summary) : bad(summary.error());
  }

 private:
  narrowcast::MergedRanges merged_;
};

// Figures of what comparisons observed.
std::string judge(const std::string& states, const std::string& options) {
  const auto judged = narrowcast::judge(states, options);
  return judged ? ok(*judged) : bad(judged.error());
}

}  // namespace

EMSCRIPTEN_BINDINGS(narrowcast) {
  emscripten::constant("chunkBytes", kChunkBytes);
  emscripten::function("describe", &narrowcast::describe_json);
  emscripten::function("judge", &judge);
  emscripten::class_<Engine>("Engine")
      .constructor<>()
      .function("allocate", &Engine::allocate)
      .function("externalFiles", &Engine::external_files)
      .function("inspect", &Engine::inspect)
      .function("watched", &Engine::watched)
      .function("start", &Engine::start)
      .function("readData", &Engine::read_data)
      .function("load", &Engine::load)
      .function("compare", &Engine::compare)
      .function("feed", &Engine::feed)
      .function("run", &Engine::run)
      .function("step", &Engine::step)
      .function("sample", &Engine::sample)
      .function("observed", &Engine::observed)
      .function("outputs", &Engine::outputs)
      .function("read", &Engine::read)
      .function("report", &Engine::report);
  emscripten::class_<Ranges>("Ranges")
      .constructor<>()
      .function("add", &Ranges::add)
      .function("state", &Ranges::state)
      .function("summary", &Ranges::summary)
      .function("values", &Ranges::values);
}
