// Element-wise nodes joined to the node before them: they run on its finished rows while these are in cache. The
// elements are the same as those of the nodes one by one.
#pragma once

#include "ops/lane.h"

namespace narrowcast::exec {

// Where a step finds its floats for a stretch of the result.
struct ChainSource {
  enum class Kind : uint8_t { buffer, scalar, channels, tensor };
  Kind kind = Kind::buffer;
  std::size_t index = 0;  // of the buffer, the channel list or the tensor
  float scalar = 0;
};

struct ChainStep {
  ops::Lane lane;
  ChainSource a;
  ChainSource b;       // of binary lanes
  std::size_t to = 0;  // a buffer; 0 is the result's own rows
};

struct Chain {
  kernels::Clamp clamp;  // what the first node's kernel does in registers
  std::vector<ChainStep> steps;
  std::vector<std::vector<float>> channels;  // one float a channel of the result
  std::vector<ValueId> tensors;              // of the result's shape
  std::size_t buffers = 1;
  std::size_t least_rank = 0;  // constants in the chain have that many axes at most
  bool starts_itself = false;  // the first node is a step too: there is no kernel before the chain

  [[nodiscard]] bool empty() const { return steps.empty() && ops::is_open(clamp); }
};

// A chain on the rows of one result. Must outlive the kernel's call. What only depends on the row's length stays for
// the next run.
class ChainRun {
 public:
  // The chain's tensors are to be added by add_tensor() before, in the result's order of axes; `row_length`: floats
  // from one row to the next. Errors: out_of_memory.
  Status begin(const Chain& chain, ops::Memory& memory, std::size_t row_length);
  // Lets go of the tensors.
  void end();
  void add_tensor(ops::Tensor tensor) { tensors_.push_back(std::move(tensor)); }

  [[nodiscard]] kernels::Epilogue epilogue() {
    return {chain_->clamp, chain_->steps.empty() ? nullptr : &ChainRun::finish, this};
  }
  void run(float* rows, std::size_t first_row, std::size_t row_count) const;

 private:
  static void finish(void* self, float* rows, std::size_t first_row, std::size_t row_count) {
    static_cast<const ChainRun*>(self)->run(rows, first_row, row_count);
  }
  // `count` floats from `column` on of a row, or of several whole rows; `at` is where they lie in the whole result.
  void run_stretch(float* rows, std::size_t at, std::size_t column, std::size_t count) const;
  const float* find(const ChainSource& source, float* rows, std::size_t at, std::size_t column) const;

  const Chain* chain_ = nullptr;
  std::vector<ops::Tensor> tensors_;
  std::size_t row_length_ = 0;
  std::size_t rows_at_once_ = 1;
  std::vector<std::vector<float>> channels_;  // repeated for rows_at_once_ rows
  ops::Tensor buffers_;                       // [buffers - 1][kStretch]
};

}  // namespace narrowcast::exec
