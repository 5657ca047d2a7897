// What a session observes while it runs samples.
#pragma once

#include "calib/calibrator.h"
#include "formats/format.h"

namespace narrowcast {

class Calibration {
 public:
  // wish: {"method": one of the observers, "percentile": millionths of a percent, "values": names or null}; without
  // values, all of type float32 that are made. `files` are the model's as they were given.
  // Errors: usage; those of infer_types().
  static Result<std::unique_ptr<Calibration>> create(const Model& model, std::span<const InputFile> files,
                                                     const Json& wish);

  // For CompileOptions::keep.
  [[nodiscard]] const std::vector<ValueId>& keep() const { return candidates_; }
  // Observes the program's runs from now on. It must outlive this.
  // Errors: usage, naming a value that was asked for and is never made.
  Status watch(const exec::Program& program, exec::Runner& runner, calib::Settings settings);

  // The index, among all samples of all workers, of the sample that is run next. A run without one is not observed.
  void expect(uint32_t index) { next_ = index; }
  // Around a run. `inputs` are the graph's; the hash of a sample is that of each present one's name, type, shape and
  // bytes.
  // Errors: usage, when the sample was seen already or an earlier one was not run to its end.
  Status begin(std::span<const ops::Tensor> inputs);
  void finish() { calibrator_->finish(); }

  [[nodiscard]] std::size_t watched() const { return calibrator_->watched(); }
  // The text of a range file. Errors: usage, when a run was not finished.
  [[nodiscard]] Result<std::string> state() const;

 private:
  explicit Calibration(const Graph& graph) : graph_(graph) {}

  const Graph& graph_;
  const calib::ObserverKind* method_ = nullptr;
  uint64_t percentile_ = 0;
  Digest model_{};
  bool is_chosen_ = false;  // the values were named
  ScopeId scope_;           // that runs
  std::vector<ValueId> candidates_;
  std::vector<ChannelAxis> channels_;  // by value; empty: none are looked at channel by channel
  std::unique_ptr<calib::Calibrator> calibrator_;
  std::optional<uint32_t> next_;
};

}  // namespace narrowcast
