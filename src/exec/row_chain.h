// Reductions of the last axis and the element-wise nodes around them, joined to one pass over the rows of a tensor: how
// models spell out a normalization. The elements are the same as those of the nodes one by one.
#pragma once

#include <array>
#include <optional>

#include "kernels/reduce/reduce.h"
#include "ops/lane.h"

namespace narrowcast::exec {

inline constexpr std::size_t kMostRowTensors = 4;

// Where a step finds its floats for one row. A line is as long as a row; a number stands for all of it.
struct RowSource {
  enum class Kind : uint8_t { line, number, scalar, channels, tensor };
  Kind kind = Kind::line;
  std::size_t index = 0;  // of the line, the number, the channel list or the tensor
  float scalar = 0;

  [[nodiscard]] bool is_line() const { return kind != Kind::number && kind != Kind::scalar; }
};

struct RowStep {
  std::optional<kernels::ReduceKind> fold;  // of `a`, to a number; else the lane
  ops::Lane lane;
  RowSource a;
  RowSource b;         // of binary lanes
  std::size_t to = 0;  // a line or a number, by makes_line()

  [[nodiscard]] bool makes_line() const { return !fold && (a.is_line() || (lane.binary && b.is_line())); }
};

struct RowChain {
  std::vector<RowStep> steps;                // the last one makes the result's row instead of a line
  std::vector<std::vector<float>> channels;  // one float a column
  std::vector<ValueId> tensors;              // of the result's shape; kMostRowTensors at most
  std::size_t lines = 0;
  std::size_t numbers = 0;
  std::size_t least_rank = 1;  // constants in the chain have that many axes at most
};

// `tensors` and the result: row_count rows of `length` floats, which is what every channel list has; the result may be
// a tensor. `scratch`: lines * length + numbers floats.
void run_rows(const RowChain& chain, std::span<const float* const> tensors, std::size_t row_count, std::size_t length,
              float* scratch, float* result);

}  // namespace narrowcast::exec
