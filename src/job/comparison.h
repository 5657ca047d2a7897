// Two models side by side, a float one and what was narrowed of it, run on the same samples: how far their values are
// apart. Values of the same scope and name are counterparts; of one that is made in float and read in codes, the copy
// that the codes are widened to counts.
#pragma once

#include <array>
#include <deque>
#include <map>

#include "job/session.h"
#include "job/value_error.h"

namespace narrowcast {

struct OutputError {
  ValueError error;
  uint64_t decisions = 0;
  uint64_t same = 0;
  std::vector<int64_t> before, after;  // the decisions, unless a sample has more than kMostDecisions
};
inline constexpr std::size_t kMostDecisions = 4096;

struct SampleErrors {
  std::vector<ValueError> values;  // as Compared::values
  std::vector<OutputError> outputs;
};

// What one or several workers saw.
struct Compared {
  struct Name {
    uint32_t scope = 0;
    std::string name;
    friend bool operator==(const Name&, const Name&) = default;
  };
  std::vector<Name> values;
  std::vector<std::string> outputs;
  std::map<uint32_t, SampleErrors> samples;  // by index among all samples of all workers
  // By place among values, where asked for: of the float model's elements in all samples.
  struct Counted {
    Bounds span;
    Histogram counts{};
  };
  std::map<uint32_t, Counted> histograms;

  // One JSON object: {"schema_version", "kind": "comparison", "values": [[scope, name]], "outputs": [name],
  // "samples": [[index, [errors of values], [[error, decisions, same, before, after] of outputs]]], "histograms":
  // [[place, min, max, [counts]]]}, ascending.
  [[nodiscard]] std::string write() const;
  // Errors: malformed.
  static Result<Compared> read(std::string_view text);
  // Errors: usage, when the other is about other values or has a sample that is here already.
  Status merge(Compared other);
};

class Comparison final : public Runs, private Run {
 public:
  // options: {"signature", "winograd": true, "values": true, "ranges": {name: [min, max]} of the codes, "spans": {name:
  // [min, max]} that histograms are made over}, each may be
  // left out; without values only outputs are compared. Both files' bytes may go afterwards, unless needs_files().
  // Errors: those of Session::create(); usage.
  static Result<std::unique_ptr<Comparison>> create(Files reference, Files narrowed, std::string_view options);

  // Those of the float model, and "watched": how many values are compared.
  [[nodiscard]] std::string interface_json() const override;
  [[nodiscard]] bool needs_files() const override;
  void expect_sample(uint32_t index) override { next_ = index; }
  // The text of a Compared.
  [[nodiscard]] Result<std::string> observed() const override;
  [[nodiscard]] std::size_t step_count() const override;
  Result<std::vector<std::span<uint8_t>>> feed(std::string_view request) override;
  Result<Run*> start(exec::Clock clock) override;

 private:
  static constexpr uint32_t kNotCompared = UINT32_MAX;

  // One of the two, as its runner's observer.
  struct Side final : exec::Observer {
    Comparison* owner = nullptr;
    std::unique_ptr<Session> session;
    std::vector<uint32_t> place;                   // by ValueId: in compared_.values
    std::vector<std::deque<ops::Tensor>> waiting;  // by place: made here, not yet there
    bool is_done = false;
    void see(ValueId value, const ops::Tensor& tensor) override { owner->see(*this, value, tensor); }
  };

  Comparison() = default;
  using Spans = std::map<std::string, Bounds>;
  Status pair_values(const Spans& codes, const Spans& spans);
  void see(Side& side, ValueId value, const ops::Tensor& tensor);
  void compare(uint32_t place, const ops::Tensor& x, const ops::Tensor& y);
  Status compare_outputs();
  Status finish();
  Side& behind();

  Result<bool> step() override;
  [[nodiscard]] std::string progress() const override;
  [[nodiscard]] std::string outputs() const override;
  void read(std::size_t output, uint64_t offset, std::span<uint8_t> out) const override;
  [[nodiscard]] std::string report() const override;
  [[nodiscard]] const uint8_t* data(std::size_t output) const override;
  [[nodiscard]] bool outputs_differ() const override;

  exec::Pool memory_;  // of tensors brought into another layout
  std::array<Side, 2> sides_;
  std::vector<std::optional<Bounds>> codes_;  // by place
  Compared compared_;
  SampleErrors open_;
  std::optional<uint32_t> next_;
  std::optional<uint32_t> sample_;  // that runs
  Status trouble_;                  // of what was seen in a step
};

}  // namespace narrowcast
