// The runs of a session, one after the other.
#pragma once

#include "exec/runner.h"
#include "job/runs.h"

namespace narrowcast {

class Calibration;

class RunTask final : public Run {
 public:
  // `names`: what the outputs are called, in the runner's order. `calibration` may be null. All must outlive the task.
  RunTask(const Graph& graph, const exec::Program& program, exec::Runner& runner, std::vector<std::string> names,
          Calibration* calibration)
      : graph_(graph), program_(program), runner_(runner), names_(std::move(names)), calibration_(calibration) {}

  // Begins a run; the outputs of the one before are gone. `inputs` as Runner::start takes them.
  Status start(std::span<const ops::Tensor> inputs);
  Result<bool> step() override;
  [[nodiscard]] std::string progress() const override;
  // [{"name", "size", "dtype", "shape"}]
  [[nodiscard]] std::string outputs() const override;
  void read(std::size_t output, uint64_t offset, std::span<uint8_t> out) const override;
  [[nodiscard]] const uint8_t* data(std::size_t output) const override { return results_[output].data; }
  [[nodiscard]] bool outputs_differ() const override { return differs_; }
  // When it is done, in the order of names().
  [[nodiscard]] std::span<const ops::Tensor> results() const { return results_; }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] std::size_t steps_done() const { return runner_.steps_done(); }
  // {"held_bytes", "peak_bytes", "bound_bytes", "nodes": [{"name", "op", "ms", "bytes", "joined"}] when profiled}
  [[nodiscard]] std::string report() const override;

 private:
  const Graph& graph_;
  const exec::Program& program_;
  exec::Runner& runner_;
  std::vector<std::string> names_;
  Calibration* calibration_;
  std::vector<ops::Tensor> results_;
  struct Record {
    DType dtype = DType::unknown;
    Shape shape;
  };
  std::vector<Record> last_;  // by output: of the last run that came to its end
  bool is_done_ = false;
  bool differs_ = false;
};

}  // namespace narrowcast
