// Watches the runs of a program, sample by sample, and keeps what its observers see.
#pragma once

#include "calib/ranges.h"
#include "exec/runner.h"

namespace narrowcast::calib {

struct Watch {
  ValueId value;
  const ObserverKind* method = nullptr;
  ChannelAxis channels = 0;  // along which it is looked at channel by channel too
};

// Values that can be watched: float32 or of a type that only a run tells, named, no constants. In the order of ids.
// `facts` by value, as infer_types() gives them.
std::vector<ValueId> float_values(const Graph& graph, std::span<const ops::ValueFact> facts);

// A value's part of a calibration.
struct ValueRange {
  ValueId value;
  Range range;
  Extremes totals;  // none finite: nothing is known of it
};

class Calibrator final : public exec::Observer {
 public:
  // `empty` names the model and the settings. The values must be kept by the program (CompileOptions::keep), and the
  // graph must outlive the calibrator. Errors: usage, naming a value that cannot be watched or is named twice.
  static Result<std::unique_ptr<Calibrator>> create(const Graph& graph, std::span<const Watch> watches, Ranges empty);

  // Around the run of one sample; `index` is its number among all samples of all workers, `content` the hash of its
  // tensors. A run that failed has left its traces: without finish() no other sample can begin.
  // Errors: usage, when the sample was seen already or the last one was not finished.
  Status begin(uint32_t index, const Digest& content);
  void finish() { is_open_ = false; }
  void see(ValueId value, const ops::Tensor& tensor) override;
  [[nodiscard]] std::size_t watched() const { return ids_.size(); }

  // Errors: usage, when a sample was not finished.
  [[nodiscard]] Result<const Ranges*> ranges() const;
  // Errors: those of ranges(); usage, when a method cannot serve these activations.
  [[nodiscard]] Result<std::vector<ValueRange>> choose(const RangeOptions& options) const;

 private:
  static constexpr uint32_t kNotWatched = UINT32_MAX;

  Ranges ranges_;
  std::vector<ValueId> ids_;     // by place in ranges_.values
  std::vector<uint32_t> place_;  // by ValueId
  uint32_t sample_ = 0;
  bool is_open_ = false;
};

}  // namespace narrowcast::calib
