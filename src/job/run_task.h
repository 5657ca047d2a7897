// One run of a session.
#pragma once

#include "exec/runner.h"
#include "job/task.h"

namespace narrowcast {

class Calibration;

class RunTask final : public Task {
 public:
  // `names`: what the outputs are called, in the runner's order. `calibration` may be null. All must outlive the task.
  RunTask(const Graph& graph, const exec::Program& program, exec::Runner& runner, std::vector<std::string> names,
          Calibration* calibration)
      : graph_(graph), program_(program), runner_(runner), names_(std::move(names)), calibration_(calibration) {}

  Result<bool> step() override;
  // With "outputs", as below, when it is done: a caller then has everything from one call.
  [[nodiscard]] std::string progress() const override;
  // [{"name", "size", "dtype", "shape"}]
  [[nodiscard]] std::string outputs() const override;
  void read(std::size_t output, uint64_t offset, std::span<uint8_t> out) const override;
  // {"peak_bytes", "nodes": [{"name", "op", "ms", "bytes", "joined"}] when profiled}
  [[nodiscard]] std::string report() const override;

 private:
  const Graph& graph_;
  const exec::Program& program_;
  exec::Runner& runner_;
  std::vector<std::string> names_;
  Calibration* calibration_;
  std::vector<ops::Tensor> results_;
  bool is_done_ = false;
};

}  // namespace narrowcast
