#include "job/run_task.h"

#include <cstring>

#include "job/calibration.h"
#include "report/json.h"

namespace narrowcast {

Status RunTask::start(std::span<const ops::Tensor> inputs) {
  results_.clear();
  is_done_ = false;
  return runner_.start(inputs);
}

Result<bool> RunTask::step() {
  if (is_done_) return true;
  NC_TRY(const bool done, runner_.step());
  if (!done) return false;
  NC_TRY(results_, runner_.results());
  if (calibration_ != nullptr) calibration_->finish();
  is_done_ = true;
  differs_ = last_.size() != results_.size();
  last_.resize(results_.size());
  for (std::size_t i = 0; i < last_.size(); ++i) {
    if (last_[i].dtype == results_[i].dtype && last_[i].shape == results_[i].shape) continue;
    last_[i] = {results_[i].dtype, results_[i].shape};
    differs_ = true;
  }
  return true;
}

namespace {

Json output_list(const std::vector<std::string>& names, const std::vector<ops::Tensor>& tensors) {
  Json list = Json::array();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const ops::Tensor& tensor = tensors[i];
    list.push_back(
        {{"name", names[i]}, {"size", tensor.bytes()}, {"dtype", dtype_name(tensor.dtype)}, {"shape", tensor.shape}});
  }
  return list;
}

}  // namespace

std::string RunTask::progress() const {
  return dump({{"phase", is_done_ ? "done" : "nodes"},
               {"done", runner_.steps_done()},
               {"total", runner_.step_count()},
               {"item", ""}});
}

std::string RunTask::outputs() const { return dump(output_list(names_, results_)); }

void RunTask::read(std::size_t output, uint64_t offset, std::span<uint8_t> out) const {
  if (!out.empty()) std::memcpy(out.data(), results_[output].data + offset, out.size());
}

std::string RunTask::report() const {
  Json nodes = Json::array();
  const auto& steps = program_.scopes[runner_.scope().index].steps;
  for (const exec::Step& step : steps) {
    if (runner_.times().empty()) break;
    const exec::StepTime& time = runner_.times()[step.node.index];
    Json joined = Json::array();
    for (const exec::Step& other : step.absorbed) joined.push_back(graph_[other.node].op.type);
    nodes.push_back({{"name", graph_.label(step.node)},
                     {"op", graph_[step.node].op.type},
                     {"ms", time.ms},
                     {"bytes", time.bytes},
                     {"joined", std::move(joined)}});
  }
  const exec::RunMemory memory = runner_.memory();
  return dump({{"held_bytes", memory.held},
               {"peak_bytes", memory.peak},
               {"bound_bytes", memory.bound},
               {"nodes", std::move(nodes)}});
}

}  // namespace narrowcast
