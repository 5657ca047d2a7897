// The engine without JavaScript: what the same-bytes test compares Node and Chromium with.
//
//   narrowcast_driver quantize <model> <recipe.json text> <output folder> [external data files...]
//   narrowcast_driver run <model> <session options> <request> <output folder> [raw input files...]
//   narrowcast_driver calibrate <model> <session options> <request> [raw files, a sample of the only input each...]
//   narrowcast_driver compare <model> <narrowed> <options> <request> [raw files, a sample of the only input each...]
//   narrowcast_driver inspect <model> [external data files...]
//   narrowcast_driver edit <kind> <scope> <model> <output file>
//   narrowcast_driver describe
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "edits.h"
#include "job/comparison.h"
#include "job/job.h"
#include "job/judgement.h"
#include "job/session.h"

namespace {

namespace fs = std::filesystem;
using narrowcast::Bytes;

constexpr std::size_t kChunkBytes = 1 << 16;

Bytes read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Inputs {
  std::vector<Bytes> bytes;
  narrowcast::Files files;
};

Inputs read_inputs(std::span<char*> paths) {
  Inputs inputs;
  for (const char* path : paths) inputs.bytes.push_back(read_file(path));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    inputs.files.push_back({fs::path(paths[i]).filename().string(), inputs.bytes[i]});
  }
  return inputs;
}

int complain(const narrowcast::Error& error) {
  std::cout << narrowcast::error_json(error) << '\n';
  return 3;
}

void write_output(const narrowcast::Job& job, std::size_t index, const fs::path& path) {
  const uint64_t size = job.files()[index].rope.size();
  std::ofstream out(path, std::ios::binary);
  Bytes chunk(kChunkBytes);
  for (uint64_t offset = 0; offset < size; offset += chunk.size()) {
    const auto count = static_cast<std::size_t>(std::min<uint64_t>(kChunkBytes, size - offset));
    job.read(index, offset, std::span(chunk).first(count));
    out.write(reinterpret_cast<const char*>(chunk.data()), static_cast<std::streamsize>(count));
  }
}

// For the integer modes: NARROWCAST_RANGES names a range file.
std::string range_file() {
  const char* path = std::getenv("NARROWCAST_RANGES");
  if (path == nullptr) return {};
  const Bytes bytes = read_file(path);
  return {bytes.begin(), bytes.end()};
}

int quantize(std::span<char*> args) {
  const fs::path folder = args[2];
  std::vector<char*> paths{args[0]};
  paths.insert(paths.end(), args.begin() + 3, args.end());
  const Inputs inputs = read_inputs(paths);
  auto job = narrowcast::Job::create(inputs.files, args[1], "model.data", range_file());
  if (!job) return complain(job.error());
  for (;;) {
    const auto done = (*job)->step();
    if (!done) return complain(done.error());
    if (*done) break;
  }
  fs::create_directories(folder);
  for (std::size_t i = 0; i < (*job)->files().size(); ++i) {
    const std::string& name = (*job)->files()[i].name;
    write_output(**job, i, folder / (name.empty() ? "model" : name));
  }
  std::cout << (*job)->report() << '\n';
  return 0;
}

double now_ms() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(since).count();
}

// Writes a run's inputs to where they are read from.
int fill(std::span<const std::span<uint8_t>> buffers, std::span<const Bytes> inputs) {
  if (buffers.size() != inputs.size()) return complain({narrowcast::ErrorCode::usage, "Not as many inputs.", ""});
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    if (buffers[i].size() != inputs[i].size()) {
      return complain({narrowcast::ErrorCode::usage, "Not as many bytes as type and shape say.", ""});
    }
    std::ranges::copy(inputs[i], buffers[i].begin());
  }
  return 0;
}

// One run; "repeat" in the request runs it again and reports the median of the milliseconds.
int run(std::span<char*> args) {
  const Inputs model = read_inputs(args.first(1));
  const Inputs fed = read_inputs(args.subspan(4));
  auto session = narrowcast::Session::create(model.files, args[1]);
  if (!session) return complain(session.error());
  const nlohmann::json request = nlohmann::json::parse(args[2]);
  std::vector<double> times;
  const auto buffers = (*session)->feed(args[2]);
  if (!buffers) return complain(buffers.error());
  narrowcast::Run* task = nullptr;
  for (int i = 0; i < request.value("repeat", 1); ++i) {
    if (const int wrong = fill(*buffers, fed.bytes); wrong != 0) return wrong;
    const double before = now_ms();
    const auto started = (*session)->start(now_ms);
    if (!started) return complain(started.error());
    task = *started;
    for (;;) {
      const auto done = task->step();
      if (!done) return complain(done.error());
      if (*done) break;
    }
    times.push_back(now_ms() - before);
  }
  std::ranges::sort(times);
  const auto outputs = nlohmann::json::parse(task->outputs());
  fs::create_directories(args[3]);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    Bytes bytes(outputs[i]["size"].get<std::size_t>());
    task->read(i, 0, bytes);
    std::ofstream(fs::path(args[3]) / (std::to_string(i) + ".bin"), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  std::cout << nlohmann::json{{"interface", nlohmann::json::parse((*session)->interface_json())},
                              {"outputs", outputs},
                              {"median_ms", times[times.size() / 2]},
                              {"report", nlohmann::json::parse(task->report())}}
                   .dump()
            << '\n';
  return 0;
}

// What was observed after the samples, in the order of the files. `args`: the request, then a file for each sample.
int observe(narrowcast::Runs& runs, std::span<char*> args, std::string& observed) {
  const Inputs samples = read_inputs(args.subspan(1));
  const auto buffers = runs.feed(args[0]);
  if (!buffers) return complain(buffers.error());
  for (uint32_t i = 0; i < samples.bytes.size(); ++i) {
    runs.expect_sample(i);
    if (const int wrong = fill(*buffers, {&samples.bytes[i], 1}); wrong != 0) return wrong;
    const auto task = runs.start(now_ms);
    if (!task) return complain(task.error());
    for (;;) {
      const auto done = (*task)->step();
      if (!done) return complain(done.error());
      if (*done) break;
    }
  }
  const auto state = runs.observed();
  if (!state) return complain(state.error());
  observed = *state;
  return 0;
}

int calibrate(std::span<char*> args) {
  const Inputs model = read_inputs(args.first(1));
  auto session = narrowcast::Session::create(model.files, args[1]);
  if (!session) return complain(session.error());
  std::string state;
  if (const int wrong = observe(**session, args.subspan(2), state); wrong != 0) return wrong;
  std::cout << state << '\n';
  return 0;
}

int compare(std::span<char*> args) {
  const Inputs before = read_inputs(args.first(1));
  const Inputs after = read_inputs(args.subspan(1, 1));
  auto comparison = narrowcast::Comparison::create(before.files, after.files, args[2]);
  if (!comparison) return complain(comparison.error());
  std::string state;
  if (const int wrong = observe(**comparison, args.subspan(3), state); wrong != 0) return wrong;
  const auto judged = narrowcast::judge(nlohmann::json::array({state}).dump(), "{}");
  if (!judged) return complain(judged.error());
  std::cout << *judged << '\n';
  return 0;
}

void write_rope(const narrowcast::Rope& rope, const narrowcast::Files& files, const fs::path& path) {
  Bytes bytes(static_cast<std::size_t>(rope.size()));
  rope.read(files, 0, bytes);
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), rope.size());
}

// One edit, written without the job's checks: the test wants to see which records change, not a model that runs.
int edit(std::span<char*> args) {
  const Inputs inputs = read_inputs(args.subspan(2, 1));
  auto model = narrowcast::read_model(inputs.files);
  if (!model) return complain(model.error());
  narrowcast::EditLog log(model->graph);
  if (!narrowcast::testing::make_edit(log, args[0], narrowcast::ScopeId(static_cast<uint32_t>(std::stoul(args[1]))))) {
    std::cout << "null\n";
    return 0;
  }
  const auto outputs = model->format->write(*model, log, "model.data");
  if (!outputs) return complain(outputs.error());
  write_rope((*outputs)[0].rope, model->files, args[3]);
  const narrowcast::Edit& made = log.edits().back();
  const narrowcast::Graph& graph = log.graph();
  std::cout << nlohmann::json{{"kind", edit_kind_name(made.kind)},
                              {"node", made.node ? graph.label(made.node) : ""},
                              {"op", made.node ? graph[made.node].op.type : ""},
                              {"value", made.value ? graph[made.value].name : ""},
                              {"slot", made.slot},
                              {"key", made.key}}
                   .dump()
            << '\n';
  return 0;
}

int inspect(std::span<char*> paths) {
  const Inputs inputs = read_inputs(paths);
  const auto inspection = narrowcast::inspect(inputs.files);
  if (!inspection) return complain(inspection.error());
  std::cout << *inspection << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> args(argv + 1, static_cast<std::size_t>(argc - 1));
  const std::string_view command = args.empty() ? "" : args[0];
  if (command == "quantize" && args.size() >= 4) return quantize(args.subspan(1));
  if (command == "run" && args.size() >= 5) return run(args.subspan(1));
  if (command == "calibrate" && args.size() >= 4) return calibrate(args.subspan(1));
  if (command == "compare" && args.size() >= 5) return compare(args.subspan(1));
  if (command == "edit" && args.size() == 5) return edit(args.subspan(1));
  if (command == "inspect" && args.size() >= 2) return inspect(args.subspan(1));
  if (command == "describe") {
    std::cout << narrowcast::describe_json() << '\n';
    return 0;
  }
  std::cerr
      << "usage: narrowcast_driver quantize <model> <recipe> <folder> [data files] | inspect <model> | describe\n";
  return 2;
}
