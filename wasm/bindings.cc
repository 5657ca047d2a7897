// The border to JavaScript: the only file that includes Embind. Bytes are copied into buffers that the engine owns and
// out of one chunk buffer; everything else crosses as JSON: {"ok": ...} or {"error": {code, number, message, where}}.
#include <emscripten/bind.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "job/job.h"

namespace {

using narrowcast::Error;
using narrowcast::Job;

constexpr std::size_t kChunkBytes = 1 << 20;

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
    files_.push_back({name, {buffer.get(), size}});
    buffers_.push_back(std::move(buffer));
    return reinterpret_cast<uintptr_t>(files_.back().bytes.data());
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
    job_ = std::move(*job);
    return ok(narrowcast::progress_json(job_->progress()));
  }

  // One step of the job; phase "done" when the outputs stand.
  std::string step() {
    const auto done = job_->step();
    return done ? ok(narrowcast::progress_json(job_->progress())) : bad(done.error());
  }

  [[nodiscard]] std::string outputs() const { return ok(narrowcast::outputs_json(job_->outputs())); }

  // Makes up to one chunk of an output and says where it lies. It is overwritten by the next call.
  uintptr_t read(std::size_t output, double offset, std::size_t size) {
    if (chunk_.empty()) chunk_.resize(kChunkBytes);
    job_->read(output, static_cast<uint64_t>(offset), std::span(chunk_).first(std::min(size, kChunkBytes)));
    return reinterpret_cast<uintptr_t>(chunk_.data());
  }

  [[nodiscard]] std::string report() const { return job_->report(); }

 private:
  using Buffer = std::unique_ptr<uint8_t, decltype(&std::free)>;

  std::vector<Buffer> buffers_;
  narrowcast::Files files_;
  std::unique_ptr<Job> job_;
  std::vector<uint8_t> chunk_;
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
      .function("step", &Engine::step)
      .function("outputs", &Engine::outputs)
      .function("read", &Engine::read)
      .function("report", &Engine::report);
}
